import assert from 'node:assert/strict';
import {readFileSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {temporaryFolder} from '../fixtures/harness.ts';
import type {Terminal} from '../fixtures/terminal.ts';
import {startGate} from './gate.ts';
import {startJourney} from './journey.ts';

const files = {
  'boats/old/jib.txt': 'grey',
  'boats/old/topsail.txt': 'blue',
  'boats/sail.txt': 'white',
  'my boats/keel.txt': 'iron',
  'sea.txt': '',
};
const environment = {FORCE_COLOR: '3'};
const footer = (screen: Terminal): string => screen.rows.at(-1) ?? '';

for (const [columns, rows] of [
  [120, 40],
  [80, 24],
  [60, 15],
] as const) {
  test(`f finds in the tree, and Enter goes there, at ${columns} × ${rows}`, async t => {
    const {jangada} = await startJourney(t, {files, columns, rows, environment});
    const screen = jangada();
    await screen.waitFor(/sea\.txt/);
    screen.type('fSAIL\r');
    await screen.waitFor(/find 'SAIL'.* 1 of 2 found/);
    await screen.waitFor(/topsail\.txt[\s\S]*boats\/sail\.txt/);
    screen.press('enter');
    await screen.waitFor(/Files \/boats\/old .*2 of 2[\s\S]*▌ +topsail\.txt/);
    screen.type('fkeel\r');
    await screen.waitFor(/Nothing below \/boats\/old/);
    screen.press('escape');
    await screen.waitFor(/Files \/boats\/old [\s\S]*▌ +topsail\.txt/);
  });

  test(`a colon takes commands, and Ctrl-G a path, at ${columns} × ${rows}`, async t => {
    const {jangada, saved} = await startJourney(t, {files, columns, rows, environment});
    const screen = jangada();
    await screen.waitFor(/sea\.txt/);
    screen.type(':sget my\t');
    await screen.waitFor(() => footer(screen).startsWith(" : sget 'my boats/'"));
    screen.type('\t');
    await screen.waitFor(() => footer(screen).startsWith(" : sget 'my boats/keel.txt'"));
    screen.press('enter');
    await screen.waitFor(() => saved('my boats/keel.txt')?.toString() === 'iron');
    screen.type(':sgt\r');
    await screen.waitFor(() => footer(screen).includes('Unknown command sgt'));
    screen.press('escape');
    await screen.waitFor(() => !footer(screen).includes('sgt'));
    screen.type('\u0007boats/sail.txt\r');
    await screen.waitFor(/Files \/boats [\s\S]*▌ +sail\.txt/);
    screen.type('\u0007/none\r');
    await screen.waitFor(() => footer(screen).includes('There is no /none on the server'));
  });

  test(`m counts the files that match, and downloads them, at ${columns} × ${rows}`, async t => {
    const {jangada, saved} = await startJourney(t, {files, columns, rows, environment});
    const screen = jangada();
    await screen.waitFor(/sea\.txt/);
    screen.type('mboats/** !**/jib*');
    await screen.waitFor(() => footer(screen).includes('2 files, 9 B. Enter'));
    screen.press('enter');
    await screen.waitFor(/Queued 2 files/);
    await screen.waitFor(() => saved('boats/old/topsail.txt') !== undefined);
    await screen.waitFor(() => saved('boats/sail.txt') !== undefined);
    assert.equal(saved('boats/old/jib.txt'), undefined);
  });
}

test('the same words after Escape show the same result at once, and r searches again', async t => {
  const {root, jangada} = await startJourney(t, {files, environment});
  const screen = jangada();
  await screen.waitFor(/sea\.txt/);
  screen.type('fsail\r');
  await screen.waitFor(/2 found[\s\S]*boats\/sail\.txt/);
  screen.press('escape');
  await screen.waitFor(/Files \/ [\s\S]*sea\.txt/);
  rmSync(join(root, 'boats/sail.txt'));
  screen.type('fsail\r');
  await screen.waitFor(/2 found[\s\S]*boats\/sail\.txt/);
  screen.type('r');
  await screen.waitFor(text => /1 found/.test(text) && !text.includes('boats/sail.txt'));
});

test('a search says that it still runs, and Escape first stops it, then goes back', async t => {
  const {jangada, server} = await startJourney(t, {files, environment});
  const gate = await startGate(t, server);
  const screen = jangada([gate.address]);
  await screen.waitFor(/sea\.txt/);
  gate.shut();
  screen.type('fsail\r');
  await screen.waitFor(text => /0 found · searching…/.test(text) && /^[◜◠◝◞◡◟]/.test(text));
  screen.press('escape');
  await screen.waitFor(/0 found · stopped[\s\S]*Press r to begin it again/);
  gate.open();
  screen.press('escape');
  await screen.waitFor(/Files \/ [\s\S]*sea\.txt/);
});

test('commands are remembered for the next run, except those that begin with a space', async t => {
  const state = temporaryFolder(t);
  const options = {files, environment: {...environment, JANGADA_STATE: state}};
  const {jangada} = await startJourney(t, options);
  const screen = jangada();
  await screen.waitFor(/sea\.txt/);
  screen.type(':list boats\r');
  await screen.waitFor(/Files \/boats /);
  screen.type(': list /\r');
  await screen.waitFor(/Files \/ /);
  screen.type(':quit\r');
  await screen.ended();
  assert.equal(readFileSync(join(state, 'commands.history'), 'utf8'), 'list boats\nquit\n');
  const next = jangada();
  await next.waitFor(/sea\.txt/);
  next.type(':');
  next.press('up', 'up');
  await next.waitFor(() => footer(next).startsWith(' : list boats'));
  next.press('enter');
  await next.waitFor(/Files \/boats /);
});
