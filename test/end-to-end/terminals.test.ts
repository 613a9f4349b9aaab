import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {CellColour} from '../fixtures/cells.ts';
import type {Terminal} from '../fixtures/terminal.ts';
import {startJourney} from './journey.ts';

const files = {'boat.txt': 'a raft', 'sea.txt': 'salt', 'notes/today.txt': 'rain'};
const sizes = [
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 15},
  {columns: 40, rows: 10},
];

/** The sequences for drawing: cursor, erasing, colours, and modes that old terminals ignore. */
const drawing =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test searches for control characters
  /\u001b\[(?:\d*[ABCDEFGJK]|\d*(?:;\d*)?H|[\d;]*m|\?(?:25|1049|2004|2026)[hl])/g;

// biome-ignore lint/suspicious/noControlCharactersInRegex: the test searches for control characters
const sequence = /\u001b[^\r\n]{0,12}/g;

/** Mark a file, fetch it, open a question and quit. @returns the cells that were on the screen. */
async function walk(terminal: Terminal) {
  await terminal.waitFor(/boat\.txt/);
  terminal.press('down');
  terminal.type(' d');
  await terminal.waitFor(/boat\.txt.*(?:✓|\+)|1 done/);
  terminal.type('s');
  await terminal.waitFor(/Sort by/);
  terminal.press('escape');
  await terminal.waitFor(text => !text.includes('Sort by'));
  const {cells} = terminal;
  terminal.type('q');
  assert.equal((await terminal.ended()).status, 0);
  terminal.assertRestored();
  return cells.flat();
}

for (const size of sizes) {
  test(`the console of Linux gets ASCII and only sequences for drawing, in ${size.columns} x ${size.rows}`, async t => {
    const environment = {TERM: 'linux', CI: undefined, VTE_VERSION: '7900'};
    const {jangada} = await startJourney(t, {files, environment, ...size});
    const terminal = jangada();
    await walk(terminal);
    assert.deepEqual(terminal.written.replaceAll(drawing, '').match(sequence), null);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the test searches for control characters
    assert.doesNotMatch(terminal.written, /[^\u0000-\u007f]/);
  });

  test(`a locale without UTF-8 gets ASCII, in ${size.columns} x ${size.rows}`, async t => {
    const environment = {LANG: undefined, LC_ALL: 'C'};
    const {jangada} = await startJourney(t, {files, environment, ...size});
    const terminal = jangada();
    await walk(terminal);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the test searches for control characters
    assert.doesNotMatch(terminal.written, /[^\u0000-\u007f]/);
  });
}

/** The least number of colours that a terminal needs for this colour. */
function depthOf(colour: CellColour): 0 | 16 | 256 | 'rgb' {
  return colour.kind === 'default'
    ? 0
    : colour.kind === 'rgb'
      ? 'rgb'
      : colour.index < 16
        ? 16
        : 256;
}

const config = '{"theme": "dark", "colours": {"good": "#20b060"}}';
for (const [name, environment, depths] of [
  ['without colours', {TERM: 'xterm-256color', NO_COLOR: '1'}, [0]],
  ['without colours, which are forced', {TERM: 'xterm', NO_COLOR: '1', FORCE_COLOR: '3'}, [0]],
  ['set to no colours', {TERM: 'xterm-256color', FORCE_COLOR: '0'}, [0]],
  ['set to 16 colours', {TERM: 'xterm-256color', FORCE_COLOR: '1'}, [0, 16]],
  ['of 256 colours in a job', {TERM: 'xterm-256color', CI: 'true'}, [0, 16, 256]],
  ['of 16 colours', {TERM: 'xterm'}, [0, 16]],
  ['of 16 colours in screen', {TERM: 'screen'}, [0, 16]],
  ['of 256 colours', {TERM: 'xterm-256color'}, [0, 16, 256]],
  ['of 256 colours in screen', {TERM: 'screen.xterm-256color'}, [0, 16, 256]],
  ['of 256 colours in tmux', {TERM: 'tmux-256color', TMUX: '/tmp/x'}, [0, 16, 256]],
  ['of all colours', {TERM: 'xterm-256color', COLORTERM: 'truecolor'}, [0, 16, 256, 'rgb']],
] as const) {
  test(`a terminal ${name} gets only colours that it has`, async t => {
    const {jangada} = await startJourney(t, {
      ...{files, config},
      environment: {CI: undefined, ...environment},
    });
    const cells = await walk(jangada());
    const used = new Set(cells.flatMap(one => [depthOf(one.foreground), depthOf(one.background)]));
    assert.deepEqual([...used].sort(), [...depths].sort());
  });
}

test('a terminal without an alternate screen is empty at the end, with the shell in its first line', async t => {
  const {jangada} = await startJourney(t, {files, alternateScreen: false});
  for (const end of ['q', 'SIGTERM', 'SIGHUP'] as const) {
    const terminal = jangada();
    await terminal.waitFor(/1 of 3 ─[\s\S]*q quit/);
    if (end === 'q') {
      terminal.type('q');
    } else {
      terminal.kill(end);
    }

    await terminal.ended();
    terminal.assertRestored();
    assert.equal(terminal.text.trim(), '', end);
    assert.equal(terminal.cursorRow, 0, end);
  }
});
