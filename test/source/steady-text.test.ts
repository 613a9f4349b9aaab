import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
// A CommonJS module, whose named exports Node does not see.
import headless from '@xterm/headless';
import fc from 'fast-check';
import {displayName} from '../../protocol/display-text.ts';
import {steadyText} from '../../source/steady-text.ts';
import {asciiGlyphs} from '../../source/tui/terminal/glyphs.ts';
import {cutEnd, padEnd, widthOf} from '../../source/tui/text/width.ts';

const columns = 60;

/** The cells of the first row after `written`, in a terminal that does not know clusters of characters. */
async function cellsAfter(written: string): Promise<string[]> {
  const terminal = new headless.Terminal({cols: columns, rows: 3, allowProposedApi: true});
  await new Promise<void>(resolve => terminal.write(written, resolve));
  const line = terminal.buffer.active.getLine(0);
  const cells = Array.from({length: columns}, (_, at) => line?.getCell(at)?.getChars() ?? '');
  terminal.dispose();
  return cells;
}

const names = [
  'plain.txt',
  '日本語の名前.txt',
  '👩‍👩‍👧‍👦 family.txt',
  '🇩🇪🇧🇷 flags.txt',
  'cafe\u0301 e\u0301\u0323.txt',
  '❤️ heart.txt',
  '👍🏽 tone.txt',
  '1️⃣ keycap.txt',
  'ไทย กำ.txt',
  'क्षि.txt',
  '\u1112\u1161\u11ab.txt',
  'e\u200dx.txt',
  'שלום.txt',
  'مرحبا 12.txt',
  '\u{1fae8} new.txt',
];

/** A line of the file list: a name in its column, and text behind it. */
const lineOf = (name: string, width: number): string =>
  `| ${padEnd(cutEnd(displayName(name), width, asciiGlyphs), width)}| 2 B |`;

suite('text in its columns', () => {
  for (const name of names) {
    test(`text behind ${displayName(name)} is in its column`, async () => {
      for (const width of [40, widthOf(displayName(name)) + 1, widthOf(displayName(name)), 5]) {
        const cells = await cellsAfter(steadyText(lineOf(name, width), columns));
        assert.equal(cells[width + 2], '|', `in ${width}: ${cells.join('.')}`);
        assert.equal(cells.slice(width + 3, width + 8).join(''), ' 2 B ');
      }
    });
  }

  test('text is in its column behind any name', async () => {
    const characters = fc.constantFrom(...names.flatMap(name => [...name]), ' ', '  ', 'a', '漢');
    await fc.assert(
      fc.asyncProperty(
        fc.array(characters, {maxLength: 14}),
        fc.integer({min: 1, max: 40}),
        async (parts, width) => {
          const cells = await cellsAfter(steadyText(lineOf(`a${parts.join('')}`, width), columns));
          assert.equal(cells[width + 2], '|');
        },
      ),
      {numRuns: 300},
    );
  });

  test('a name is whole if there is room behind it', async () => {
    const cells = await cellsAfter(steadyText(lineOf('ไทย กำ.txt', 20), columns));
    assert.equal(cells.join('').trimEnd(), '| ไทย กำ.txt          | 2 B |');
  });

  test('text that all terminals show alike is not changed', () => {
    for (const text of ['plain │ ● ▌ ━╸─ ✓ ⠹', '日本語', 'ação', '\u001b[3;1Hx\u001b[Ky\r\n']) {
      assert.equal(steadyText(text, columns), text);
    }
  });

  test('colours and cursor positions of a frame stay, and columns count from the cursor', () => {
    assert.equal(
      steadyText(
        '\u001b[5A\u001b[E\u001b[11G\u001b[1m👍🏽\u001b[22m  \u001b[K\r\nb 👍🏽   ',
        columns,
      ),
      '\u001b[5A\u001b[E\u001b[11G\u001b[1m  \u001b[11G👍🏽\u001b[13G\u001b[22m  \u001b[K\r\n' +
        '       \u001b[1Gb 👍🏽\u001b[8G',
    );
  });

  test('a character that may be wider is not written at the right edge', async () => {
    const text = `${'x'.repeat(columns - 2)}👍🏽`;
    const cells = await cellsAfter(steadyText(text, columns));
    assert.equal(cells.join(''), `${'x'.repeat(columns - 2)}  `);
  });

  test('a right-to-left name ends with a mark, so that digits stay behind it', () => {
    assert.ok(steadyText('שלום    12 B', columns).includes('שלום\u200e\u001b[9G12 B'));
  });
});
