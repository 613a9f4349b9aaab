import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {test} from 'node:test';
import {MiB, startJourney} from './journey.ts';

const ghostty = {TERM_PROGRAM: 'ghostty'};
const focusLost = '\u001b[O';

test('title and task bar show a download, a notice reports its end if the window has no focus, and all is reset at the end', async t => {
  // The download must take six seconds or more for a notice at its end.
  const {server, jangada, saved} = await startJourney(t, {
    files: {'long.bin': randomBytes(3 * MiB)},
    server: {limit: MiB / 4},
    environment: ghostty,
  });
  const terminal = jangada([server.address]);
  await terminal.waitFor(/long\.bin/);
  terminal.send(focusLost);
  terminal.type('d');
  await terminal.waitFor(/1 done/);
  const ended = () => terminal.written.includes('\u001b]9;1 file verified\u001b\\');
  await terminal.waitFor(ended);
  assert.equal(saved('long.bin')?.length, 3 * MiB);
  terminal.type('q');
  await terminal.ended();
  const {written} = terminal;
  assert.ok(written.includes(`\u001b]2;0 of 1 - ${server.address.replace('jangada://', '')}`));
  assert.ok(written.includes('\u001b]9;4;1;0\u001b\\'), 'the task bar shows work');
  assert.ok(
    written.lastIndexOf('\u001b]9;4;0;0') > written.lastIndexOf('\u001b]9;4;1;'),
    'the task bar is clear again',
  );
  assert.ok(written.lastIndexOf('\u001b[23;0t') > written.lastIndexOf('\u001b]2;'));
  terminal.assertRestored();
});

test('an unknown terminal gets a title, and no other sequences', async t => {
  const {server, jangada} = await startJourney(t, {files: {a: 'a'}});
  const terminal = jangada([server.address]);
  await terminal.waitFor(/\ba\b.*1 B/);
  terminal.type('d');
  await terminal.waitFor(/1 done/);
  terminal.type('q');
  await terminal.ended();
  assert.ok(!terminal.written.includes('\u001b]9'));
  assert.ok(!terminal.written.includes('\u001b]777'));
  terminal.assertRestored();
});

test('a program that a signal ends restores the title and stops focus reports', async t => {
  const {server, jangada} = await startJourney(t, {files: {a: 'a'}, environment: ghostty});
  const terminal = jangada([server.address]);
  await terminal.waitFor(/1 B/);
  terminal.kill('SIGTERM');
  await terminal.ended();
  assert.ok(terminal.written.includes('\u001b[23;0t'));
  terminal.assertRestored();
});
