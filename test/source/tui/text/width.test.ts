import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {displayName} from '../../../../protocol/display-text.ts';
import {unicodeGlyphs} from '../../../../source/tui/terminal/glyphs.ts';
import {
  cutEnd,
  cutMiddle,
  cutStart,
  padEnd,
  padStart,
  widthOf,
  wrapWhole,
  wrapWords,
} from '../../../../source/tui/text/width.ts';

const name = displayName;

suite('widths', () => {
  const widths: ReadonlyArray<[string, string, number]> = [
    ['plain letters', 'barco.jpg', 9],
    ['accents, composed or not', 'ação', 4],
    ['combining marks', 'acc\u0327a\u0303o', 5],
    ['wide characters', '日本', 4],
    ['an emoji of several characters', '👩‍👩‍👧', 2],
  ];
  for (const [what, text, width] of widths) {
    test(what, () => {
      assert.equal(widthOf(name(text)), width);
    });
  }

  test('names are cut in the middle, so that their end stays', () => {
    assert.equal(
      cutMiddle(name('conjunto-de-dados-2025.tar'), 14, unicodeGlyphs),
      'conjunt…25.tar',
    );
    assert.equal(cutMiddle(name('barco.jpg'), 14, unicodeGlyphs), 'barco.jpg');
  });

  test('paths lose their front, and sentences lose their end', () => {
    assert.equal(cutStart(name('/fotos/2025/janeiro'), 10, unicodeGlyphs), '…5/janeiro');
    assert.equal(cutEnd(name('one two three'), 8, unicodeGlyphs), 'one two…');
  });

  test('whatever is cut and filled has exactly the requested width', () => {
    fc.assert(
      fc.property(fc.string({unit: 'grapheme'}), fc.integer({min: 0, max: 30}), (text, columns) => {
        for (const cut of [cutMiddle, cutEnd, cutStart]) {
          const shown = cut(name(text), columns, unicodeGlyphs);
          assert.ok(widthOf(shown) <= columns, `${shown} is wider than ${columns}`);
          assert.equal(widthOf(padEnd(shown, columns)), columns);
          assert.equal(widthOf(padStart(shown, columns)), columns);
        }
      }),
    );
  });

  test('text wraps between words, and no word is lost', () => {
    const lines = wrapWords(name('Press d to download it, then v.'), 12, unicodeGlyphs);
    assert.deepEqual(lines, ['Press d to', 'download it,', 'then v.']);
  });

  test('a word that is too long is cut', () => {
    assert.deepEqual(wrapWords(name('aaaaaaaaaa b'), 6, unicodeGlyphs), ['aaaaa…', 'b']);
    assert.deepEqual(wrapWhole(name('x aaaaaaaaaa b'), 6, unicodeGlyphs), [
      'x',
      'aaaaaa',
      'aaaa b',
    ]);
  });
});
