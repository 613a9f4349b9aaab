import assert from 'node:assert/strict';
import {test} from 'node:test';
import {noise, treeOf} from '../fixtures/harness.ts';
import {startGate} from './gate.ts';
import {MiB, startJourney} from './journey.ts';

const big = noise(8 * MiB);

test('mget shows bars while it works, and a summary on a clean screen at the end', async t => {
  const {root, target, jangada, server} = await startJourney(t, {
    files: {'big.bin': big, 'fotos/boat.jpg': noise(50_000, 2), 'notes.txt': 'rain'},
  });
  const gate = await startGate(t, server);
  gate.shut();
  gate.allow(4.5 * MiB);
  const screen = jangada(['mget', '**', '-s', gate.address], {columns: 80, rows: 24});
  const text = await screen.waitFor(/big\.bin .*█.* 5\d %/);
  assert.match(text, /\n\d of 3 files {2}/);
  assert.ok(!screen.cursorVisible, 'no cursor runs over the bars');
  assert.ok(screen.rows.every(row => row.length < 80));
  gate.open();
  assert.equal((await screen.ended()).status, 0);
  assert.match(screen.text, /^3 files, 8\.4\d MB verified in \S+, [\d.]+ [kM]B\/s\n+$/);
  assert.equal(screen.cursorRow, 1);
  screen.assertRestored();
  assert.deepEqual(treeOf(target), treeOf(root));
});

test('a narrower terminal keeps the bars on lines of their own', async t => {
  const {jangada, server} = await startJourney(t, {files: {'big.bin': big, 'two.bin': big}});
  const gate = await startGate(t, server);
  gate.shut();
  gate.allow(4.5 * MiB);
  const screen = jangada(['mget', '**', '-s', gate.address], {columns: 120, rows: 24});
  await screen.waitFor(/(?:big|two)\.bin .*█.* [1-9]\d? %/);
  screen.resize(60, 24);
  gate.allow(3 * MiB);
  // When the bars are drawn again, nothing of the wider lines must be left.
  await screen.waitFor(
    text =>
      /^(?:big|two)\.bin .*\n(?:big|two)\.bin .*\n\d of 2 files .*\n+$/.test(text) &&
      text.split('\n').every(row => row.length < 60),
  );
  gate.open();
  assert.equal((await screen.ended()).status, 0);
  assert.match(screen.text, /^2 files, 16\.8 MB verified .*\n+$/);
});

test('Ctrl-C ends mget with 130, keeps the partial file, and the next run completes it', async t => {
  const {saved, jangada, server} = await startJourney(t, {files: {'big.bin': big}});
  const gate = await startGate(t, server);
  gate.shut();
  gate.allow(4.5 * MiB);
  const screen = jangada(['mget', '**', '-s', gate.address]);
  await screen.waitFor(/big\.bin .* 5\d %/);
  screen.press('ctrl-c');
  assert.deepEqual(await screen.ended(), {status: 130, signal: 0});
  screen.assertRestored();
  const text = screen.text.replaceAll('\n', '');
  assert.match(
    text,
    /jangada: Interrupted\. What has arrived is kept; to go on: jangada mget .*'\*\*'$/,
  );
  assert.doesNotMatch(text, /█/);
  const partial = saved('big.bin.jangada-part');
  assert.ok(partial?.subarray(0, 4 * MiB).equals(big.subarray(0, 4 * MiB)));
  assert.equal(saved('big.bin'), undefined);

  const again = jangada(['mget', '**']);
  assert.equal((await again.ended()).status, 0);
  assert.match(again.text, /1 file, 8\.39 MB verified \(4\.19 MB reused\)/);
  assert.ok(saved('big.bin')?.equals(big));
  assert.equal(saved('big.bin.jangada-part'), undefined);
});

test('a command asks about files that exist already', async t => {
  const {keep, saved, jangada} = await startJourney(t, {
    files: {'a.txt': 'a there', 'b.txt': 'b there', 'c.txt': 'c there'},
  });
  for (const name of ['a.txt', 'b.txt', 'c.txt']) {
    keep(name, 'here');
  }

  const screen = jangada(['mget', '*']);
  await screen.waitFor(
    /A capital letter answers for all the rest\.\n[abc]\.txt exists .* r, o, w, n or s\?/,
  );
  screen.press({text: 'what'}, 'enter');
  await screen.waitFor(/(?:exists .*\n){1}[\s\S]*exists .* s\?$/m);
  screen.press({text: 's'}, 'enter');
  await screen.waitFor(/(?:exists [\s\S]*){3}/);
  screen.press({text: 'O'}, 'enter');
  assert.equal((await screen.ended()).status, 0);
  assert.match(screen.text, /2 files, 14 B verified .*; 1 skipped/);
  const contents = ['a.txt', 'b.txt', 'c.txt'].map(name => `${saved(name)}`);
  assert.equal(contents.filter(content => content === 'here').length, 1);
  assert.equal(contents.filter(content => content.endsWith(' there')).length, 2);

  const called = jangada(['sget', 'a.txt']);
  await called.waitFor(/a\.txt exists/);
  called.press('ctrl-c');
  assert.equal((await called.ended()).status, 130);
  called.assertRestored();
});

test('without a server a command ends with 3 and one line that says what to check', async t => {
  const {server, jangada} = await startJourney(t);
  await server.close();
  const screen = jangada(['list', '--retries', '0']);
  assert.equal((await screen.ended()).status, 3);
  const text = screen.text.replaceAll('\n', '');
  assert.match(text, new RegExp(`^jangada: .*127\\.0\\.0\\.1:${server.port}.*Check the address`));
  screen.assertRestored();
});

test('with NO_COLOR there is no colour, and on a dumb terminal no bar', async t => {
  const {jangada} = await startJourney(t, {files: {'boat.txt': 'a raft'}});
  const plain = jangada(['mget', '**'], {environment: {NO_COLOR: '1'}});
  assert.equal((await plain.ended()).status, 0);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test searches for control characters
  assert.doesNotMatch(plain.written, /\u001b\[[\d;]*m/);
  const dumb = jangada(['mget', '**', '--on-conflict', 'overwrite'], {environment: {TERM: 'dumb'}});
  assert.equal((await dumb.ended()).status, 0);
  assert.ok(!dumb.written.includes('\u001b'));
  assert.match(dumb.text, /boat\.txt {2}6 B {2}verified\n[\s\S]*1 file, 6 B verified/);
});
