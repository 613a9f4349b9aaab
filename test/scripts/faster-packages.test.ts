import assert from 'node:assert/strict';
import path from 'node:path';
import {suite, type TestContext, test} from 'node:test';
import {pathToFileURL} from 'node:url';
import {build} from 'esbuild';
import fc from 'fast-check';
import stringWidth from 'string-width';
import {fasterPackages} from '../../scripts/faster-packages.ts';
import {temporaryFolder} from '../fixtures/harness.ts';

const root = path.join(import.meta.dirname, '../..');

test('with postponed tables, the package measures each character and emoji as without', async t => {
  const postponed = await bundle(t, 'postponed', true);
  const texts = textsWithCharacters();
  assert.ok(texts.length > 70_000);
  const different = texts.filter(text => postponed.stringWidth(text) !== stringWidth(text));
  assert.deepEqual(different, []);
});

const texts = [
  'a',
  '\u001b[1m│\u001b[22m \u001b[38;2;1;2;3m● barco.jpg\u001b[39m   22.8 MB  ✓ same',
  '\u001b[31mfotos de março: praia, mar e sol\u001b[39m',
  '写真 📷 👩‍👩‍👧 e\u0301te\u0301 🇧🇷 1️⃣ fim',
  '\u001b]8;;https://example.org\u0007link\u001b]8;;\u0007 to a place',
  'two\nlines\r\nand a\ttab',
];

test('with our segmenter, packages cut, wrap and split texts as with their own', async t => {
  const postponed = await bundle(t, 'postponed', true);
  const plain = await bundle(t, 'plain', false);
  for (const text of texts) {
    assert.deepEqual(postponed.tokenize(text), plain.tokenize(text));
    for (let columns = 1; columns < 40; columns++) {
      assert.equal(postponed.sliceAnsi(text, 2, columns), plain.sliceAnsi(text, 2, columns));
      assert.equal(postponed.wrapAnsi(text, columns), plain.wrapAnsi(text, columns));
      for (const position of ['start', 'middle', 'end']) {
        const options = {position, truncationCharacter: '…'};
        const cut = postponed.cliTruncate(text, columns, options);
        assert.equal(cut, plain.cliTruncate(text, columns, options));
      }
    }

    for (const next of texts) {
      for (const [before, after] of [
        [text, next],
        [`${text}${next}`, `${text}${text}`],
        [`│ ${text.slice(0, 12)} ─`, `│ ${text.slice(0, 10)}${next}`],
      ]) {
        assert.equal(
          postponed.lineUpdate(before, after, 120),
          plain.lineUpdate(before, after, 120),
        );
      }
    }

    const wild = `${text}\u0007\u001b[2J\u001b[4:3m${text}`;
    const clean = plain.sanitizeAnsi(wild);
    assert.deepEqual([postponed.sanitizeAnsi(wild), postponed.sanitizeAnsi(wild)], [clean, clean]);
  }
});

const contents = `
  export {default as stringWidth} from 'string-width';
  export {default as cliTruncate} from 'cli-truncate';
  export {default as sliceAnsi} from 'slice-ansi';
  export {default as wrapAnsi} from 'wrap-ansi';
  export {tokenize} from '@alcalzone/ansi-tokenize';
  export {default as lineUpdate} from './node_modules/ink/build/line-update.js';
  export {default as sanitizeAnsi} from './node_modules/ink/build/sanitize-ansi.js';
`;

/** The packages that measure and cut text, bundled into one file. */
async function bundle(t: TestContext, name: string, isPostponed: boolean) {
  const outfile = path.join(temporaryFolder(t), `${name}.mjs`);
  await build({
    stdin: {contents, resolveDir: root},
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    plugins: isPostponed ? [fasterPackages] : [],
  });
  return await import(pathToFileURL(outfile).href);
}

/** Most characters with a letter behind them, and each character of an emoji, alone and with a modifier behind it. */
function textsWithCharacters(): string[] {
  const inEmoji = /[\p{Emoji}\p{Emoji_Component}\p{Extended_Pictographic}]/u;
  const behind = [
    '',
    '\uFE0F',
    '\uFE0E',
    '\uFE0F\u20E3',
    '\u20E3',
    '\u{1F3FD}',
    '\u{1F1E7}',
    '\u200D\u{1F525}',
    '\u{E007F}',
  ];
  const texts = Array.from({length: 0x10000}, (_, code) => `${String.fromCharCode(code)}a`);
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    if (inEmoji.test(character)) {
      texts.push(...behind.map(end => character + end));
    }
  }

  return texts;
}

/** The module `file` of a package, bundled as in our programs. */
async function bundled<Module>(context: TestContext, file: string) {
  const outfile = path.join(temporaryFolder(context), 'bundled.mjs');
  await build({
    ...{outfile, bundle: true, format: 'esm', platform: 'node', plugins: [fasterPackages]},
    entryPoints: [path.join(root, 'node_modules', file)],
  });
  return (await import(pathToFileURL(outfile).href)) as Module;
}

suite('packages that are changed in the bundles', () => {
  test('a text has the width that the unchanged package reports, each time', async context => {
    type Module = {default: (text: string, options?: {ambiguousIsNarrow: boolean}) => number};
    const {default: width} = await bundled<Module>(context, 'string-width/index.js');
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom('a', '日', '─', '·', '👩‍👩‍👧', '🇧🇷', 'e\u0301', '\u001b[31m', '±', '\t'),
        fc.string({unit: 'grapheme', maxLength: 2}),
      ),
    });
    fc.assert(
      fc.property(text, each => {
        const [plain, wide] = [stringWidth(each), stringWidth(each, {ambiguousIsNarrow: false})];
        assert.deepEqual([width(each), width(each)], [plain, plain]);
        assert.equal(width(each, {ambiguousIsNarrow: false}), wide);
        assert.equal(width(each), plain);
      }),
      {numRuns: 3000},
    );
    // More texts than the function remembers.
    for (let index = 0; index < 25_000; index++) {
      assert.equal(width(`─${index}`), 1 + String(index).length);
    }
  });

  test('drawing over lines of an earlier frame gives what the unchanged package draws', async context => {
    type Output = {
      write(x: number, y: number, text: string, options: {transformers: unknown[]}): void;
      clip(clip: Record<'x1' | 'x2' | 'y1' | 'y2', number | undefined>): void;
      unclip(): void;
      get(): {output: string};
    };
    type Module = {default: new (options: {width: number; height: number}) => Output};
    const file = 'ink/build/output.js';
    const {default: Faster} = await bundled<Module>(context, file);
    const {default: Plain} = (await import(
      pathToFileURL(path.join(root, 'node_modules', file)).href
    )) as Module;
    const bound = (most: number) => fc.option(fc.nat(most), {nil: undefined});
    const parts = ['ab', '日本', '\u001b[31mred\u001b[39m', '─', '👩‍👩‍👧', ' ', '\n'];
    const piece = fc.record({
      x: fc.nat(12),
      y: fc.nat(2),
      text: fc.array(fc.constantFrom(...parts), {minLength: 1, maxLength: 4}),
      clip: fc.option(fc.record({x1: bound(10), x2: bound(19), y1: bound(1), y2: bound(3)}), {
        nil: undefined,
      }),
      transformers: fc.subarray([(line: string, index: number) => `${index}${line}`]),
    });
    fc.assert(
      fc.property(fc.array(fc.array(piece, {maxLength: 6}), {maxLength: 4}), frames => {
        for (const frame of frames) {
          const outputs = [Faster, Plain].map(Output => {
            const output = new Output({width: 20, height: 3});
            for (const {x, y, text, clip, transformers} of frame) {
              if (clip !== undefined) {
                output.clip(clip);
              }

              output.write(x, y, text.join(''), {transformers});
              if (clip !== undefined) {
                output.unclip();
              }
            }

            return output.get().output;
          });
          assert.equal(outputs[0], outputs[1]);
        }
      }),
      {numRuns: 2000},
    );
  });
});
