/**
 * Changes to packages in the bundles, which do the same in less time. Work that they do when they are
 * loaded is done when it is needed: it took a third of the time that `jangada --version` takes. What
 * they find out about a text is kept for the next frame: most lines of a screen stay as they are, and
 * finding it out again took half of the time from a key to the screen.
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
      [
        'export default function stringWidth(input, options = {}) {',
        `const widths = new Map();
export default function stringWidth(input, options) {
  if (options !== undefined || typeof input !== 'string' || input.length > 400 || /^[ -~]*$/.test(input)) {
    return measure(input, options);
  }
  let width = widths.get(input);
  if (width === undefined) {
    width = measure(input);
    if (widths.size === 10_000) {
      widths.clear();
    }
    widths.set(input, width);
  }
  return width;
}
function measure(input, options = {}) {`,
      ],
    ],
  },
  {
    // The cells of a line are never changed, so frames can share them; a frame has some hundred lines.
    file: /node_modules\/ink\/build\/output\.js$/,
    texts: [
      ['    caches = new OutputCaches();', '    caches = sharedCaches();'],
      [
        'export default class Output {',
        `let shared = new OutputCaches();
function sharedCaches() {
  if (shared.styledChars.size > 1000 || shared.widths.size > 10_000) {
    shared = new OutputCaches();
  }
  return shared;
}
export default class Output {`,
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
export const fasterPackages: Plugin = {
  name: 'faster-packages',
  setup(build) {
    for (const {file, texts} of changes) {
      build.onLoad({filter: file}, async ({path}) => {
        let contents = await readFile(path, 'utf8');
        for (const [text, faster] of texts) {
          if (!contents.includes(text)) {
            throw new Error(`${path} has no "${text.trim()}" to change`);
          }

          contents = contents.replace(text, () => faster);
        }

        return {contents};
      });
    }
  },
};
