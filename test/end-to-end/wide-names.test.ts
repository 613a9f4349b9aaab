import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Terminal} from '../fixtures/terminal.ts';
import {startJourney} from './journey.ts';

// Only Linux allows all of these names.
const skip = process.platform !== 'linux' && 'other systems have other rules for names';

const names = [
  'a plain.txt',
  'b 日本語の名前.txt',
  'c 👩‍👩‍👧 family.txt',
  'd 🇩🇪🇧🇷 flags.txt',
  'e cafe\u0301 e\u0301\u0323.txt',
  'f שלום עולם.txt',
  'g مرحبا 12.txt',
  'h ❤️ heart.txt',
  'i 👍🏽👍🏽👍🏽👍🏽👍🏽 tones.txt',
  'j ไทย กำ.txt',
  'k क्षि.txt',
];

/** The columns of the walls in each row. The emulator does not combine characters into clusters. */
function wallsOf(terminal: Terminal): string[] {
  return terminal.cells.map(row => {
    let column = 0;
    const walls: number[] = [];
    for (const {text, columns} of row) {
      if (/^[│╮╯╭╰┬┴├┤]$/.test(text)) {
        walls.push(column);
      }

      column += columns;
    }

    return walls.join(' ');
  });
}

for (const size of [
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 15},
]) {
  test(`names of any width leave the walls and the cursor in their places, in ${size.columns} x ${size.rows}`, {
    skip,
  }, async t => {
    const files = Object.fromEntries(names.map(name => [name, 'x']));
    const {jangada} = await startJourney(t, {files, ...size});
    const terminal = jangada();
    await terminal.waitFor(/1 of 11 ─/);
    const walls = wallsOf(terminal);
    const [row = ''] = walls.slice(3);
    assert.match(row, new RegExp(`^0 .*${size.columns - 1}$`));
    const rows = walls.filter(line => line === row).length;
    assert.ok(rows >= 10, walls.join('\n'));
    for (let position = 2; position <= names.length; position++) {
      terminal.press('down');
      await terminal.waitFor(new RegExp(` ${position} of 11 ─`));
      assert.deepEqual(wallsOf(terminal), walls);
      assert.equal(terminal.text.split('▌').length, 2, terminal.text);
    }
  });
}

test('backspace removes a whole character of a typed line, and no more', {skip}, async t => {
  const {jangada} = await startJourney(t, {files: {'boat.txt': 'x'}});
  const terminal = jangada();
  await terminal.waitFor(/1 of 1 ─/);
  terminal.type('/');
  await terminal.waitFor(/Filter:/);
  terminal.type('be\u0301🇧🇷👩‍👩‍👧');
  await terminal.waitFor(/filter 'be\u0301🇧🇷👩/);
  for (const rest of ["'be\u0301🇧🇷'", "'be\u0301'", "'b'"]) {
    terminal.press('backspace');
    await terminal.waitFor(text => text.includes(`filter ${rest}`));
  }
});
