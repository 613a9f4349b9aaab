import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Terminal} from '../fixtures/terminal.ts';
import {startJourney} from './journey.ts';

const light = 'rgb:ffff/ffff/ffff';
// Without this variable a test run has no colours.
const environment = {FORCE_COLOR: '3'};
const files = {'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c'};

/** The first cell of the name in its row of the files pane; undefined while this row is missing. */
function cellOf({cells}: Terminal, name: string) {
  const texts = cells.map(row => row.map(({text}) => text).join(''));
  // Not the wall above, which shows the name under the cursor.
  const row = texts.findIndex(text => /^[│|]/.test(text) && text.includes(`   ${name}`));
  return cells[row]?.[texts[row]?.indexOf(name) ?? 0];
}

/** The palette numbers of the row with the cursor, on a dark and on a light background. */
const darkRow = 238;
const lightRow = 254;

const hasRow = (terminal: Terminal, name: string, index: number) => () => {
  const background = cellOf(terminal, name)?.background;
  return background?.kind === 'palette' && background.index === index;
};

test('the colours fit the background that the terminal reports, and no key is lost or doubled', async t => {
  const {jangada} = await startJourney(t, {files, environment, background: light});
  const terminal = jangada();
  // One key comes before the answer, another after it.
  terminal.type('j');
  await terminal.waitFor(hasRow(terminal, 'b.txt', lightRow));
  terminal.type('j');
  await terminal.waitFor(hasRow(terminal, 'c.txt', lightRow));
  assert.equal(terminal.written.split('\u001b]11;?').length, 2, 'it is asked once');
  terminal.type('q');
  await terminal.ended();
  terminal.assertRestored();
});

test('an answer that arrives in pieces among keys does not count as a key', async t => {
  const {jangada} = await startJourney(t, {files, environment});
  const terminal = jangada();
  await terminal.waitFor(/c\.txt/);
  await terminal.waitFor(hasRow(terminal, 'a.txt', darkRow));
  for (const piece of ['j\u001b]11;rgb:ff', 'ff/ffff', '/ffff\u001b', '\\j']) {
    terminal.send(piece);
  }

  await terminal.waitFor(hasRow(terminal, 'c.txt', lightRow));
  assert.doesNotMatch(terminal.text, /does nothing here/);
});

test('a dialog dims the screen behind it', async t => {
  const {jangada} = await startJourney(t, {files, environment, config: '{"theme": "dark"}'});
  const terminal = jangada();
  await terminal.waitFor(hasRow(terminal, 'a.txt', darkRow));
  assert.ok(!terminal.written.includes('\u001b]11;?'), 'with a theme of the user nothing is asked');
  terminal.type('s');
  await terminal.waitFor(/Sort by/);
  await terminal.waitFor(() => cellOf(terminal, 'a.txt')?.background.kind === 'default');
  terminal.press('escape');
  await terminal.waitFor(hasRow(terminal, 'a.txt', darkRow));
});

test('the screen has the configured colours, and none with NO_COLOR', async t => {
  const config = '{"theme": "dark", "colours": {"cursor": 57, "plain": "#102030"}}';
  const {jangada} = await startJourney(t, {files, environment, config});
  const terminal = jangada();
  await terminal.waitFor(hasRow(terminal, 'a.txt', 57));
  assert.notEqual(cellOf(terminal, 'b.txt')?.foreground.kind, 'default');
  const plain = jangada(undefined, {environment: {NO_COLOR: '1', FORCE_COLOR: undefined}});
  await plain.waitFor(/▌ .*a\.txt/);
  assert.ok(plain.cells.flat().every(({background}) => background.kind === 'default'));
});

test('the screen reports an error in the configuration with its line, and the rest counts', async t => {
  const config = '{\n"theme": "drak",\n"ascii": true\n}';
  for (const size of [
    {columns: 120, rows: 40},
    {columns: 80, rows: 24},
    {columns: 60, rows: 15},
  ]) {
    const {jangada} = await startJourney(t, {files, environment, config, ...size});
    const terminal = jangada();
    await terminal.waitFor(/config\.json, line 2: "theme" cannot be "drak"/);
    await terminal.waitFor(/> {3}a\.txt/);
    terminal.type('q');
    await terminal.ended();
    terminal.assertRestored();
  }
});
