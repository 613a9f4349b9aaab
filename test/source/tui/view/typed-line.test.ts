import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import stringWidth from 'string-width';
import {displayName} from '../../../../protocol/display-text.ts';
import {asciiGlyphs, unicodeGlyphs} from '../../../../source/tui/terminal/glyphs.ts';
import {say} from '../../../../source/tui/text/say.ts';
import {drawTyped, partsOf} from '../../../../source/tui/view/typed-line.tsx';
import {textOf} from './lines.ts';

const on = '\u001b[7m';
const off = '\u001b[27m';

/** The drawing of `ink-text-input` in a terminal with colours, with the caret at `caret`. */
const drawn = (text: string, caret: number): string =>
  caret === text.length
    ? `${text}${on} ${off}`
    : `${text.slice(0, caret)}${on}${text[caret]}${off}${text.slice(caret + 1)}`;

suite('the drawing of a typed line', () => {
  test('the mark of the caret covers a whole character, and text fills the space', () => {
    assert.equal(drawTyped(drawn('abc', 1), 1, 8, unicodeGlyphs), `a${on}b${off}c     `);
    assert.equal(drawTyped(drawn('abc', 3), 3, 8, unicodeGlyphs), `abc${on} ${off}    `);
    // The component marks another character than that at the caret.
    assert.equal(drawTyped('👍a', 2, 8, unicodeGlyphs), '👍▏a    ');
    assert.equal(drawTyped(`👍a${on}b${off}`, 2, 8, unicodeGlyphs), `👍${on}a${off}b    `);
    assert.equal(drawTyped(`${on}x${off}\u0301b`, 0, 4, unicodeGlyphs), `${on}x\u0301${off}b  `);
  });

  test('without colours the caret is a sign', () => {
    assert.equal(drawTyped('abc', 1, 8, asciiGlyphs), 'a_bc    ');
    assert.equal(drawTyped('abc ', 3, 8, unicodeGlyphs), 'abc▏    ');
  });

  test('the caret is visible wherever it is in a text that is longer than its space', () => {
    const text = 'wide 日本 👨‍👩‍👧 e\u0301 \u202e'.repeat(500);
    const places = Array.from(new Intl.Segmenter().segment(text), ({index}) => index);
    for (const caret of [...places.filter((_, index) => index % 97 === 0), text.length]) {
      for (const room of [1, 2, 3, 12, 40]) {
        const shown = drawTyped(drawn(text, caret), caret, room, unicodeGlyphs);
        assert.equal(stringWidth(shown), room, `${caret} in ${room}`);
        assert.ok(shown.includes(on), `${caret} in ${room}`);
      }
    }
  });

  test('text that could control the terminal is shown as escapes', () => {
    const text = 'a\u202e\u200bb\u2066';
    const shown = drawTyped(drawn(text, text.length), text.length, 60, unicodeGlyphs);
    assert.match(shown, /^a\\u\{202e\}\\u\{200b\}b\\u\{2066\}/);
  });

  test('an error about the text is visible on any screen, with as much of the text as fits', () => {
    const complaint = say`'${displayName('fast')}' is invalid: type 500k or none.`;
    const view = {label: say`Speed in all:`, hint: say`Enter sets it`, text: 'fast', caret: 4};
    for (let columns = 40; columns < 120; columns++) {
      const {front, room, back} = partsOf({...view, complaint}, columns, unicodeGlyphs);
      assert.ok(room > 'fast'.length);
      assert.match(textOf(back), /'fast' is invalid/);
      assert.equal(textOf(front).includes('Speed in all'), columns > 59, `in ${columns} columns`);
    }

    const quiet = partsOf({...view, complaint: undefined}, 80, unicodeGlyphs);
    assert.match(textOf(quiet.back), /^ +Enter sets it $/);
    assert.deepEqual(partsOf({...view, complaint: undefined}, 24, unicodeGlyphs).back, []);
    const hint = say`45 files, 171 B. Enter downloads`;
    const long = partsOf({...view, hint, complaint: undefined}, 42, unicodeGlyphs);
    assert.match(textOf(long.back), /^ {2}45 files, 171 B\. En\S*…$/);
  });
});
