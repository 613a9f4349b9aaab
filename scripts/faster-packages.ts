/**
 * Patches packages in the bundles, so that they do the same in less time. Work at loading time is reduced, or delayed until
 * it is needed: it took a third of the time of `jangada --version`, and half of the time to the first frame of the full
 * screen. Results about a text are kept for the next frame: most lines of a screen do not change, and computing the results
 * again took half of the time from a key to the screen.
 */
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import type {Plugin} from 'esbuild';

type Change = {readonly file: RegExp; readonly texts: readonly (readonly [string, string])[]};

const segmenter = JSON.stringify(path.join(import.meta.dirname, '../source/segmenter.ts'));
const ourSegmenter = `import {segmenter} from ${segmenter};`;

const changes: readonly Change[] = [
  {
    // The expression for all emoji is needed only for text with a character that occurs in emoji.
    file: /node_modules\/string-width\/index\.js$/,
    texts: [
      [
        'const segmenter = new Intl.Segmenter();',
        `import {oneColumn, segmenter} from ${segmenter};`,
      ],
      [
        'if (/^[\\u0020-\\u007E]*$/.test(string))',
        'if (ambiguousIsNarrow && oneColumn.test(string))',
      ],
      [
        'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;',
        'const inAllEmoji = /[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\p{Regional_Indicator}\\u20E3]/u;\nlet emoji;\n' +
          'const rgiEmojiRegex = {test: text => inAllEmoji.test(text) && (emoji ??= /^\\p{RGI_Emoji}$/v).test(text)};',
      ],
      [
        'export default function stringWidth(input, options = {}) {',
        `const widths = new Map();
export default function stringWidth(input, options) {
  if (options !== undefined || typeof input !== 'string' || input.length > 400) {
    return measure(input, options);
  }
  if (oneColumn.test(input)) {
    return input.length;
  }
  let width = widths.get(input);
  if (width === undefined) {
    width = measure(input);
    if (widths.size === 2000) {
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
    file: /node_modules\/wrap-ansi\/index\.js$/,
    texts: [['const segmenter = new Intl.Segmenter();', ourSegmenter]],
  },
  {
    file: /node_modules\/cli-truncate\/index\.js$/,
    texts: [
      [
        "import sliceAnsi from 'slice-ansi';",
        `import sliceAnsi from 'slice-ansi';\n${ourSegmenter}`,
      ],
      ['of new Intl.Segmenter().segment(', 'of segmenter.segment('],
    ],
  },
  {
    file: /node_modules\/slice-ansi\/tokenize-ansi\.js$/,
    texts: [
      [
        "const GRAPHEME_SEGMENTER = new Intl.Segmenter(undefined, {granularity: 'grapheme'});",
        `import {segmenter as GRAPHEME_SEGMENTER} from ${segmenter};`,
      ],
    ],
  },
  {
    file: /node_modules\/@alcalzone\/ansi-tokenize\/build\/tokenize\.js$/,
    texts: [
      [
        'const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });',
        ourSegmenter,
      ],
    ],
  },
  {
    // Lines of the screen contain walls and signs that are not ASCII but also take one column each.
    file: /node_modules\/ink\/build\/line-update\.js$/,
    texts: [
      [
        "const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });",
        `import {oneColumn as printableAscii, segmenter} from ${segmenter};`,
      ],
      ['const printableAscii = /^[ -~]*$/u;', ''],
    ],
  },
  {
    // Ink cleans a text when it measures it, and again whenever it draws it.
    file: /node_modules\/ink\/build\/sanitize-ansi\.js$/,
    texts: [
      [
        'const sanitizeAnsi = (text) => {',
        `const clean = new Map();
const sanitizeAnsi = text => {
    let known = clean.get(text);
    if (known === undefined) {
        known = sanitize(text);
        if (clean.size === 1000) {
            clean.clear();
        }
        clean.set(text, known);
    }
    return known;
};
const sanitize = text => {`,
      ],
    ],
  },
  {
    // The package loads a large module only to assert that its argument is a function.
    file: /node_modules\/signal-exit\/index\.js$/,
    texts: [
      [
        "var assert = require('assert')",
        'var assert = {equal(is, wanted, why) { if (is !== wanted) throw new TypeError(why); }}',
      ],
    ],
  },
  {
    // The WebAssembly program is in a `data:` URL, for which Node loads its whole HTTP client. The program is small: compiling
    // it on this thread takes less time than waking another thread.
    file: /node_modules\/yoga-layout\/dist\/binaries\/yoga-wasm-base64-esm\.js$/,
    texts: [
      ['return w||"function"!=typeof fetch?', 'return true?'],
      [
        'var b=xa(a.slice(37)),c=new Uint8Array(b.length);for(a=0;a<b.length;++a)c[a]=b.charCodeAt(a);var d=c',
        'var d=Buffer.from(a.slice(37),"base64")',
      ],
      [
        'return WebAssembly.instantiate(f,d)',
        'return {instance: new WebAssembly.Instance(new WebAssembly.Module(f),d)}',
      ],
    ],
  },
  {
    // Collect the texts of a row first, because most rows have been drawn before, perhaps on another line. The cells of a line
    // never change, so frames can share them; a thousand lines take 12 MB.
    file: /node_modules\/ink\/build\/output\.js$/,
    texts: [
      ['    caches = new OutputCaches();', '    caches = sharedCaches();'],
      [
        'export default class Output {',
        `let shared = new OutputCaches();
function sharedCaches() {
  if (shared.lines.size > 1000 || shared.rows.size > 1000 || shared.widths.size > 2000) {
    shared = new OutputCaches();
  }
  if (shared.styledChars.size > 100) {
    shared.styledChars.clear();
  }
  return shared;
}
export default class Output {`,
      ],
      [
        `class OutputCaches {
`,
        `class OutputCaches {
    lines = new Map();
    rows = new Map();
`,
      ],
      [
        `        const characterLines = [[]];`,
        `        let lines = this.caches.lines.get(text);
        if (lines === undefined) {
            lines = this.linesOf(text);
            this.caches.lines.set(text, lines);
        }
        this.collect(output, operation, clip, lines, x, y);
    }
    linesOf(text) {
        const characterLines = [[]];`,
      ],
      [
        `        let lines = characterLines.map(line => styledCharsToString(line));
`,
        `        return characterLines.map(line => styledCharsToString(line));
    }
    collect(output, {text, transformers, y: top}, clip, lines, x, y) {
`,
      ],
      ['const { text, transformers } = operation;', 'const { text } = operation;'],
      ['let { x, y } = operation;', 'const { x, y } = operation;'],
      ['index + y - operation.y', 'index + y - top'],
      [
        `            const characters = this.caches.getStyledChars(line);
            // Nothing`,
        `            currentLine.push(x, line);
        }
    }
    rowOf(writes) {
        const key = this.width + '\\n' + writes.join('\\n');
        let row = this.caches.rows.get(key);
        if (row === undefined) {
            const cells = Array.from({length: this.width}, () => ({
                type: 'char',
                value: ' ',
                fullWidth: false,
                styles: [],
            }));
            this.paint(cells, writes);
            row = styledCharsToString(cells.filter(item => item !== undefined)).trimEnd();
            this.caches.rows.set(key, row);
        }
        return row;
    }
    paint(currentLine, writes) {
        for (let index = 0; index < writes.length; index += 2) {
            const x = writes[index];
            const characters = this.caches.getStyledChars(writes[index + 1]);
            // Nothing`,
      ],
      [
        `            const row = [];
            for (let x = 0; x < this.width; x++) {
                row.push({
                    type: 'char',
                    value: ' ',
                    fullWidth: false,
                    styles: [],
                });
            }
            output.push(row);`,
        '            output.push([]);',
      ],
      [
        `            .map(line => {
            // See https://github.com/vadimdemedes/ink/pull/564#issuecomment-1637022742
            const lineWithoutEmptyItems = line.filter(item => item !== undefined);
            return styledCharsToString(lineWithoutEmptyItems).trimEnd();
        })`,
        '            .map(writes => this.rowOf(writes))',
      ],
    ],
  },
  {
    // Zod compiles a function to check objects of a schema. Do so only at the hundredth object: a command sees most of its
    // messages once.
    file: /node_modules\/zod\/v4\/core\/schemas\.js$/,
    texts: [
      ['    const fastEnabled = jit && allowsEval.value;', '    let seen = 0;'],
      [
        'if (jit && fastEnabled && ctx?.async',
        'if (jit && ++seen > 100 && allowsEval.value && ctx?.async',
      ],
    ],
  },
  {
    // Our programs pass their name to meow, so leave out the code that finds, reads and checks a package.json: nine tenths of
    // meow.
    file: /node_modules\/meow\/build\/options\.js$/,
    texts: [
      ['options.pkg ?? readPackageUpSync({', 'options.pkg ?? (() => ({packageJson: undefined}))({'],
      ['\t\t\tnormalizePackageData(pkg);\n', ''],
    ],
  },
  {
    // A name of one lower-case word needs no change, so avoid compiling the Unicode classes that find that out.
    file: /node_modules\/meow\/build\/dependencies\.js$/,
    texts: [
      [
        'function camelCase(input, options) {',
        "const oneWord = /^[a-z]+$/;\nfunction camelCase(input, options) {\n\tif (typeof input === 'string' && !options?.pascalCase && oneWord.test(input)) return input;",
      ],
      ['const replacement = ', 'if (oneWord.test(text)) return text;\n\tconst replacement = '],
      ['var libExports = requireLib$1();', 'var libExports = /* @__PURE__ */ requireLib$1();'],
      [
        'var normalizeExports = requireNormalize();',
        'var normalizeExports = /* @__PURE__ */ requireNormalize();',
      ],
      [
        'const normalizePackageData = getDefaultExportFromCjs(normalizeExports);',
        'const normalizePackageData = /* @__PURE__ */ getDefaultExportFromCjs(normalizeExports);',
      ],
    ],
  },
];

/** @throws if a package no longer contains the text to change. */
export const fasterPackages: Plugin = {
  name: 'faster-packages',
  setup(build) {
    for (const {file, texts} of changes) {
      build.onLoad({filter: file}, async ({path: name}) => {
        let contents = await readFile(name, 'utf8');
        for (const [text, faster] of texts) {
          if (!contents.includes(text)) {
            throw new Error(`${name} has no "${text.trim()}" to change`);
          }

          contents = contents.replace(text, () => faster);
        }

        return {contents};
      });
    }
  },
};
