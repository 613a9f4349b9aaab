import assert from 'node:assert/strict';
import {test} from 'node:test';
import headless from '@xterm/headless';
import {draw, type Frame} from '../../../scripts/pictures/draw.ts';
import {cellsOf} from '../../fixtures/cells.ts';

/** The screen of a terminal with 8 columns and 2 rows after it has received `text`. */
async function screenOf(text: string): Promise<Frame> {
  const emulator = new headless.Terminal({cols: 8, rows: 2, allowProposedApi: true});
  await new Promise<void>(resolve => {
    emulator.write(text, resolve);
  });
  const frame = {cells: cellsOf(emulator), ms: 100};
  emulator.dispose();
  return frame;
}

test('text has the colour that the program asked for, from the palette of dark or light', async () => {
  const screen = await screenOf('\u001b[31mred\u001b[0m \u001b[38;2;1;2;255mown');
  const dark = draw([screen], 'dark');
  assert.match(dark, /style="fill:#ff7b72">red</);
  assert.match(dark, /style="fill:#0102ff">own</);
  assert.match(draw([screen], 'light'), /style="fill:#cf222e">red</);
});

test('an inverse cell swaps its colours, and a faint colour is nearer to its background', async () => {
  const inverse = draw([await screenOf('\u001b[7mab')], 'dark');
  assert.match(inverse, /<rect x="0" width="16.86" height="18" fill="#e6edf3"\/>/);
  assert.match(inverse, /style="fill:#0d1117">ab</);
  const faint = draw([await screenOf('\u001b[2mab')], 'light');
  assert.match(faint, /style="fill:#74777a">ab</);
});

test('numbered colours are those of other terminals', async () => {
  const svg = draw([await screenOf('\u001b[38;5;196ma\u001b[38;5;240mb')], 'dark');
  assert.match(svg, /fill:#ff0000">a</);
  assert.match(svg, /fill:#585858">b</);
});

test('lines are drawn as shapes, and equal neighbours as one shape', async () => {
  const svg = draw([await screenOf('╭────╮')], 'dark');
  assert.equal(svg.match(/<path d="M[^"]*Q/g)?.length, 2, 'two corners');
  assert.equal(svg.match(/<path d="M[^"]*L/g)?.length, 2, 'one line, in two halves');
  assert.doesNotMatch(svg, /<text/);
});

test('names that look like markup are text', async () => {
  assert.match(draw([await screenOf('<a>&')], 'dark'), />&lt;a&gt;&amp;</);
});

test('a row that is the same in many frames is drawn once', async () => {
  const one = await screenOf('same\r\none');
  const other = await screenOf('same\r\nother');
  const svg = draw([one, other], 'dark');
  assert.equal(svg.match(/>same</g)?.length, 1);
  assert.equal(svg.match(/@keyframes/g)?.length, 2);
});

test('a wide character takes the place of two', async () => {
  const svg = draw([await screenOf('日a')], 'dark');
  assert.match(svg, /x="0" y="13.5" textLength="16.86"[^>]*>日</);
  assert.match(svg, /x="16.86" y="13.5" textLength="8.43"[^>]*>a</);
});
