import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import type {Cell, CellColour} from '../fixtures/cells.ts';
import {noise} from '../fixtures/harness.ts';
import type {Terminal} from '../fixtures/terminal.ts';
import {MiB, startJourney} from './journey.ts';

const sizes = [
  {columns: 120, rows: 40},
  {columns: 80, rows: 24},
  {columns: 60, rows: 15},
];

/** Backgrounds of the terminal, each with that of the row with the cursor, by depth, and with invisible letter colours. */
const backgrounds = [
  {name: 'dark', answer: 'rgb:0000/0000/0000', row: {3: 238, 1: 4}, unseen: [0, 16, 232]},
  {name: 'light', answer: 'rgb:ffff/ffff/ffff', row: {3: 254, 1: 7}, unseen: [7, 15, 231, 255]},
] as const;

const isSame = (one: CellColour, other: CellColour): boolean =>
  one.kind !== 'default' && JSON.stringify(one) === JSON.stringify(other);

/** Whether the background of a cell has this number of the palette. */
const isOn =
  (index: number) =>
  ({background}: Cell): boolean =>
    background.kind === 'palette' && background.index === index;

/** A row of cells as text, for messages of assertions. */
const textOf = (cells: readonly Cell[]): string => cells.map(({text}) => text).join('');

/** @throws for a letter in the colour of its background, and for an inverse cell except the caret in the bottom line. */
function assertSeen({cells}: Terminal, unseen: readonly number[]): void {
  for (const [at, row] of cells.entries()) {
    for (const {text, foreground, background, inverse} of row) {
      const isHidden =
        isSame(foreground, background) ||
        (background.kind === 'default' &&
          foreground.kind === 'palette' &&
          unseen.includes(foreground.index));
      assert.ok(text === ' ' || !isHidden, `${text} is not seen in ${textOf(row)}`);
      assert.ok(!inverse || at === cells.length - 1, `${text} is inverse in ${textOf(row)}`);
    }
  }
}

/** @throws unless exactly the row of `pattern` has this background, from one wall to the next. */
function assertOneRow({cells}: Terminal, pattern: RegExp, index: number): void {
  const isIn = isOn(index);
  const [row = [], ...others] = cells.filter(line => line.some(isIn));
  assert.deepEqual(others.map(textOf), []);
  const text = textOf(row);
  assert.match(text, pattern);
  const first = row.findIndex(isIn);
  const afterLast = row.findIndex((cell, at) => at > first && /[│┤]/.test(cell.text));
  assert.match(row[first - 1]?.text ?? '', /[│├]/, text);
  assert.deepEqual(
    row.map(isIn),
    row.map((_, at) => at >= first && at < afterLast),
    text,
  );
}

suite('colours', () => {
  for (const size of sizes) {
    for (const {name, answer, row: rows, unseen} of backgrounds) {
      for (const depth of [3, 1] as const) {
        test(`every letter is visible, and exactly the row with the cursor has its background, on a ${name} terminal with ${depth === 3 ? 'all' : '16'} colours, at ${size.columns} x ${size.rows}`, async t => {
          const {server, keep, jangada} = await startJourney(t, {
            ...size,
            files: {'a.bin': noise(2 * MiB), 'b.txt': 'b', 'maps/c.txt': 'c', 'maps/d.txt': 'd'},
            background: answer,
            environment: {FORCE_COLOR: `${depth}`, TERM: 'xterm-256color'},
          });
          keep('maps/c.txt', 'x');
          keep('maps/d.txt', 'd');
          // At this rate a download takes minutes.
          const screen = jangada([server.address, '--connections', '1', '--limit', '20k']);
          const index = rows[depth];
          const sees = async (wanted: RegExp, row?: RegExp): Promise<void> => {
            await screen.waitFor(wanted);
            assertSeen(screen, unseen);
            if (row !== undefined) {
              assertOneRow(screen, row, index);
            }
          };
          await screen.waitFor(/▌ +maps\//);
          // The terminal may answer after the first picture.
          await screen.waitFor(() => screen.cells.flat().some(isOn(index)));
          await sees(/▌ +maps\//, /▌ +maps\//);
          screen.type('jd');
          await sees(/a\.bin.*↓ [1-9]\d? %/, /▌ +a\.bin.*↓/);
          screen.type(' j ');
          await sees(/● a\.bin[\s\S]*● b\.txt/);
          // The row with the cursor has a bar, a part of which is full.
          screen.type('3g');
          await sees(/▌[◜◠◝◞◡◟] a\.bin.*━.*─/, /▌[◜◠◝◞◡◟] a\.bin.*━.*─/);
          screen.press('enter');
          await sees(/received[\s\S]*━/);
          screen.press('escape');
          screen.type('1\\gv2');
          await sees(/▌✗ differs +\S*c\.txt/, /▌✗ differs +\S*c\.txt/);
          screen.type('1s');
          await sees(/Sort by/);
          screen.press('escape');
          screen.type('?');
          await sees(/╭─ Keys/);
          screen.press('escape');
          screen.type('/b');
          await sees(/Filter: b/);
          screen.press('escape');
          screen.type('q');
          await sees(/Quit\?[\s\S]*a\.bin/);
        });
      }
    }
  }
});
