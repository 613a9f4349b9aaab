/**
 * Work that packages do when they are loaded, done when it is needed instead: it took a third of the
 * time that `jangada --version` takes.
 */
import {readFile} from 'node:fs/promises';
import type {Plugin} from 'esbuild';

type Change = {readonly file: RegExp; readonly texts: readonly (readonly [string, string])[]};

const changes: readonly Change[] = [
  {
    // The table of all emoji and the rules of segments serve text that is not ASCII.
    file: /node_modules\/string-width\/index\.js$/,
    texts: [
      [
        'const segmenter = new Intl.Segmenter();',
        'let segments;\nconst segmenter = {segment: text => (segments ??= new Intl.Segmenter()).segment(text)};',
      ],
      [
        'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;',
        'let emoji;\nconst rgiEmojiRegex = {test: text => (emoji ??= /^\\p{RGI_Emoji}$/v).test(text)};',
      ],
    ],
  },
  {
    // The licences that a package.json can name serve a program that asks meow for its package.
    file: /node_modules\/meow\/build\/dependencies\.js$/,
    texts: [
      ['var normalizeExports = requireNormalize();\n', ''],
      [
        'const normalizePackageData = getDefaultExportFromCjs(normalizeExports);',
        'const normalizePackageData = (...given) => requireNormalize()(...given);',
      ],
    ],
  },
];

/** @throws if a package no longer has the text that is to be changed. */
export const postpone: Plugin = {
  name: 'postpone',
  setup(build) {
    for (const {file, texts} of changes) {
      build.onLoad({filter: file}, async ({path}) => {
        let contents = await readFile(path, 'utf8');
        for (const [text, later] of texts) {
          if (!contents.includes(text)) {
            throw new Error(`${path} has no "${text.trim()}" to postpone`);
          }

          contents = contents.replace(text, () => later);
        }

        return {contents};
      });
    }
  },
};
