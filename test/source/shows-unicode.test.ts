import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {showsUnicode} from '../../source/shows-unicode.ts';

suite('whether a terminal shows more than ASCII', () => {
  const cases: ReadonlyArray<[string, Record<string, string>, NodeJS.Platform, boolean]> = [
    ['a UTF-8 locale has all signs', {LANG: 'pt_BR.UTF-8'}, 'linux', true],
    ['LC_ALL comes before LANG', {LC_ALL: 'C', LANG: 'pt_BR.UTF-8'}, 'linux', false],
    ['an empty LC_ALL is none', {LC_ALL: '', LANG: 'C.utf8'}, 'linux', true],
    ['without a locale there is ASCII', {}, 'linux', false],
    ['the bare console has ASCII', {LANG: 'C.UTF-8', TERM: 'linux'}, 'linux', false],
    ['a dumb terminal has ASCII', {LANG: 'C.UTF-8', TERM: 'dumb'}, 'linux', false],
    ['JANGADA_ASCII=1 asks for ASCII', {LANG: 'C.UTF-8', JANGADA_ASCII: '1'}, 'linux', false],
    ['JANGADA_ASCII=0 asks for all signs', {JANGADA_ASCII: '0'}, 'linux', true],
    ['Windows has no locale and all signs', {}, 'win32', true],
  ];
  for (const [what, environment, platform, expected] of cases) {
    test(what, () => {
      assert.equal(showsUnicode(environment, platform), expected);
    });
  }
});
