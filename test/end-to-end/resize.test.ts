import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Terminal} from '../fixtures/terminal.ts';
import {startJourney} from './journey.ts';
import {isStraight} from './straight.ts';

test('every size has its layout, a size that is too small says so, and nothing is lost', async t => {
  const {jangada} = await startJourney(t, {
    files: {'notes/today.txt': 'rain', 'boat.txt': 'a raft', 'sea.txt': 'salt', 'wind.txt': 'w'},
  });
  const screen = jangada();
  await screen.waitFor(/1 of 4 ─/);
  screen.press('down', 'down', 'space');
  await screen.waitFor(/● 1 marked[\s\S]*▌ . wind\.txt/);
  await screen.waitFor(/Details wind\.txt[\s\S]*It is not here/);
  const before = screen.text;

  screen.resize(80, 24);
  await fits(screen, 80, 24, /Files[\s\S]*Details[\s\S]*Transfers[\s\S]*q quit$/);
  screen.resize(60, 15);
  await fits(
    screen,
    60,
    15,
    /Files[\s\S]*▌ . wind\.txt[\s\S]*\n├─ 2 Details wind\.txt ─[\s\S]*\n╰─ 3 Transfers /,
  );
  screen.resize(38, 9);
  await fits(screen, 38, 9, /^Too small: 40 x 10 is needed\.\n+$/);
  // A key that is pressed now counts, too.
  screen.press('up');
  screen.resize(60, 30);
  await fits(
    screen,
    60,
    30,
    /Files[\s\S]*▌ . sea\.txt[\s\S]*Details sea\.txt[\s\S]*Transfers[\s\S]*quit$/,
  );
  screen.resize(40, 10);
  await fits(screen, 40, 10, /Files[\s\S]*▌ . sea\.txt/);
  screen.resize(200, 60);
  await fits(screen, 200, 60, /Files[\s\S]*▌ . sea\.txt[\s\S]*quit$/);
  screen.press('down');
  screen.resize(120, 40);
  await screen.waitFor(text => text === before);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
  screen.assertRestored();
});

test('a terminal that is too small from the start says so, and q quits', async t => {
  const {jangada} = await startJourney(t, {files: {'boat.txt': ''}, columns: 30, rows: 8});
  const screen = jangada();
  await screen.waitFor(/^Too small: 40 x 10 is needed\./);
  screen.type('q');
  assert.equal((await screen.ended()).status, 0);
  screen.assertRestored();
});

test('help and questions fit the smallest screen', async t => {
  const {jangada} = await startJourney(t, {files: {'boat.txt': ''}, columns: 40, rows: 10});
  const screen = jangada();
  await screen.waitFor(/boat\.txt/);
  screen.type('?');
  await fits(screen, 40, 10, /Keys[\s\S]*Esc closes/);
  screen.press('escape');
  await screen.waitFor(text => !text.includes('Keys'));
  screen.type('s');
  await fits(screen, 40, 10, /Sort by[\s\S]*Name[\s\S]*Size[\s\S]*Time[\s\S]*Type[\s\S]*Reverse/);
});

test('a question stays complete and open while the terminal changes its size', async t => {
  const {keep, jangada} = await startJourney(t, {files: {'boat.txt': 'a raft'}});
  keep('boat.txt', 'other');
  const screen = jangada();
  await screen.waitFor(/1 of 1 ─/);
  screen.type('d');
  await screen.waitFor(/Here already: boat\.txt/);
  screen.press('down', 'down', 'down', 'down');
  await screen.waitFor(/▌ s {2}Skip/);
  for (const [columns, rows] of [
    [80, 24],
    [60, 15],
    [38, 9],
    [40, 10],
  ] as const) {
    screen.resize(columns, rows);
    const wanted = rows === 9 ? /^Too small/ : /Here already: boat\.txt[\s\S]*▌ s {2}Skip/;
    await fits(screen, columns, rows, wanted);
  }

  screen.press('enter');
  screen.resize(120, 40);
  await screen.waitFor(/Nothing to queue\. Skipped 1 file\./);
});

test('names in wide characters and emoji keep the frames straight at every width', async t => {
  const {jangada} = await startJourney(t, {
    files: {
      '日本語のとても長いファイル名前が続きます.txt': 'x',
      'e\u0301te\u0301 combining.txt': 'x',
      '🛶🏝️ jangada 👩‍👩‍👧.txt': 'x',
      'ﷺ العربية.txt': 'x',
    },
  });
  const screen = jangada();
  await screen.waitFor(/1 of 4 ─/);
  for (const columns of [119, 80, 71, 69, 53, 40]) {
    screen.resize(columns, 30);
    await fits(screen, columns, 30, /Files/);
  }
});

/** Wait for a screen that matches `wanted` and has whole frames, neither cut nor wrapped. */
async function fits(
  screen: Terminal,
  columns: number,
  rows: number,
  wanted: RegExp,
): Promise<string> {
  return await screen.waitFor(text => wanted.test(text) && isStraight(screen, columns, rows));
}
