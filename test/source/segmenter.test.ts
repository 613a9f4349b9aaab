import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import stringWidth from 'string-width';
import {oneColumn, segmenter} from '../../source/segmenter.ts';

const system = new Intl.Segmenter(undefined, {granularity: 'grapheme'});
const clustersOf = (by: Pick<Intl.Segmenter, 'segment'> | typeof segmenter, text: string) =>
  Array.from(by.segment(text), ({segment, index, input}) => ({segment, index, input}));

suite('clusters of characters', () => {
  for (const text of [
    '',
    '│ ● barco.jpg  22.8 MB  ✓ same │',
    '\u001b[38;2;1;2;3mção\u001b[0m',
    'a\r\nb',
    'e\u0301',
    '👩‍👩‍👧 🇧🇷 1️⃣',
    '각',
    '日本語',
    'นี้',
    'कि',
    '\ud83d',
  ]) {
    test(`are those of the system in ${JSON.stringify(text)}`, () => {
      assert.deepEqual(clustersOf(segmenter, text), clustersOf(system, text));
      for (let index = 0; index <= text.length; index++) {
        const here = system.segment(text).containing(index);
        assert.equal(segmenter.segment(text).containing(index)?.segment, here?.segment);
        assert.equal(segmenter.segment(text).containing(index)?.index, here?.index);
      }
    });
  }

  test('are those of the system in each text of one character, also beside other characters', () => {
    for (const character of basicCharacters()) {
      const text = `${character}${character}a${character}│${character}ж${character}`;
      assert.deepEqual(clustersOf(segmenter, text), clustersOf(system, text));
    }
  });

  test('a text of one-column characters is as wide as it is long', () => {
    const narrow = basicCharacters().filter(character => oneColumn.test(character));
    assert.ok(narrow.length > 1000);
    for (const character of narrow) {
      const text = `${character}${character}a${character}│${character}`;
      assert.equal(stringWidth(text), text.length, `of ${JSON.stringify(text)}`);
    }
  });
});

/** All characters of one UTF-16 code unit. */
function basicCharacters(): string[] {
  return Array.from({length: 0x10000}, (_, code) => String.fromCharCode(code));
}
