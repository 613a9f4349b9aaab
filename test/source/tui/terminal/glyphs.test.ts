import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {asciiGlyphs, chooseGlyphs, unicodeGlyphs} from '../../../../source/tui/terminal/glyphs.ts';
import {chooseTheme} from '../../../../source/tui/terminal/theme.ts';

suite('signs and colours', () => {
  const cases: ReadonlyArray<
    [string, Record<string, string>, NodeJS.Platform, typeof asciiGlyphs]
  > = [
    ['a UTF-8 locale has all signs', {LANG: 'pt_BR.UTF-8'}, 'linux', unicodeGlyphs],
    ['LC_ALL comes before LANG', {LC_ALL: 'C', LANG: 'pt_BR.UTF-8'}, 'linux', asciiGlyphs],
    ['an empty LC_ALL is none', {LC_ALL: '', LANG: 'C.utf8'}, 'linux', unicodeGlyphs],
    ['without a locale there is ASCII', {}, 'linux', asciiGlyphs],
    ['the bare console has ASCII', {LANG: 'C.UTF-8', TERM: 'linux'}, 'linux', asciiGlyphs],
    ['JANGADA_ASCII=1 asks for ASCII', {LANG: 'C.UTF-8', JANGADA_ASCII: '1'}, 'linux', asciiGlyphs],
    ['JANGADA_ASCII=0 asks for all signs', {JANGADA_ASCII: '0'}, 'linux', unicodeGlyphs],
    ['Windows has no locale and all signs', {}, 'win32', unicodeGlyphs],
  ];
  for (const [what, environment, platform, expected] of cases) {
    test(what, () => {
      assert.equal(chooseGlyphs(environment, platform), expected);
    });
  }

  test('ASCII signs are ASCII', () => {
    assert.match(JSON.stringify(asciiGlyphs), /^[\x20-\x7e]*$/);
  });

  test('NO_COLOR leaves no colour', () => {
    assert.ok(Object.values(chooseTheme({})).some(style => style.color !== undefined));
    assert.ok(
      Object.values(chooseTheme({NO_COLOR: '1'})).every(style => style.color === undefined),
    );
    assert.deepEqual(chooseTheme({NO_COLOR: ''}), chooseTheme({}));
  });
});
