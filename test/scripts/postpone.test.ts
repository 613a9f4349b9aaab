import assert from 'node:assert/strict';
import path from 'node:path';
import {test} from 'node:test';
import {pathToFileURL} from 'node:url';
import {build} from 'esbuild';
import stringWidth from 'string-width';
import {postpone} from '../../scripts/postpone.ts';
import {temporaryFolder} from '../fixtures/harness.ts';

const root = path.join(import.meta.dirname, '../..');

test('with its tables postponed, the package measures each emoji as it does without', async t => {
  const outfile = path.join(temporaryFolder(t), 'width.mjs');
  const entryPoints = [path.join(root, 'node_modules/string-width/index.js')];
  await build({entryPoints, outfile, bundle: true, format: 'esm', plugins: [postpone]});
  const {default: postponed} = await import(pathToFileURL(outfile).href);
  const texts = emojiAlike();
  assert.ok(texts.length > 10_000);
  const different = texts.filter(text => postponed(text) !== stringWidth(text));
  assert.deepEqual(different, []);
});

/** Each character that is in any emoji, alone and with those that make an emoji of it. */
function emojiAlike(): string[] {
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
  const texts: string[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    if (inEmoji.test(character)) {
      texts.push(...behind.map(end => character + end));
    }
  }

  return texts;
}
