import assert from 'node:assert/strict';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {pathToFileURL} from 'node:url';
import {build} from 'esbuild';
import stringWidth from 'string-width';
import {fasterPackages} from '../../scripts/faster-packages.ts';
import {temporaryFolder} from '../fixtures/harness.ts';

const root = path.join(import.meta.dirname, '../..');

test('with less of its tables, the package measures each character and emoji as it does without', async t => {
  const faster = await bundle(t, 'faster', true);
  const texts = textsWithCharacters();
  assert.ok(texts.length > 70_000);
  const different = texts.filter(text => faster.stringWidth(text) !== stringWidth(text));
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

test('with a segmenter of ours, packages cut, wrap and part texts as they do with their own', async t => {
  const faster = await bundle(t, 'faster', true);
  const plain = await bundle(t, 'plain', false);
  for (const text of texts) {
    assert.deepEqual(faster.tokenize(text), plain.tokenize(text));
    for (let columns = 1; columns < 40; columns++) {
      assert.equal(faster.sliceAnsi(text, 2, columns), plain.sliceAnsi(text, 2, columns));
      assert.equal(faster.wrapAnsi(text, columns), plain.wrapAnsi(text, columns));
      for (const position of ['start', 'middle', 'end']) {
        const options = {position, truncationCharacter: '…'};
        const cut = faster.cliTruncate(text, columns, options);
        assert.equal(cut, plain.cliTruncate(text, columns, options));
      }
    }

    for (const next of texts) {
      assert.equal(faster.lineUpdate(text, next, 120), plain.lineUpdate(text, next, 120));
    }
  }
});

const contents = `
  export {default as stringWidth} from 'string-width';
  export {default as cliTruncate} from 'cli-truncate';
  export {default as sliceAnsi} from 'slice-ansi';
  export {default as wrapAnsi} from 'wrap-ansi';
  export {tokenize} from '@alcalzone/ansi-tokenize';
  export {default as lineUpdate} from './node_modules/ink/build/line-update.js';
`;

/** The packages that measure and cut text, in a file of their own. */
async function bundle(t: TestContext, name: string, isFaster: boolean) {
  const outfile = path.join(temporaryFolder(t), `${name}.mjs`);
  await build({
    stdin: {contents, resolveDir: root},
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    plugins: isFaster ? [fasterPackages] : [],
  });
  return await import(pathToFileURL(outfile).href);
}

/** Most characters beside another, and each of an emoji, alone and with those that make an emoji of it. */
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
