import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import fc from 'fast-check';
import {quoted, wordsOf} from '../../../../../source/tui/model/typing/words.ts';

const texts = (line: string) => wordsOf(line).map(({text}) => text);

suite('the words of a command', () => {
  for (const [line, words] of [
    ['', []],
    ['  sget  a.txt ', ['sget', 'a.txt']],
    [`sget 'a b.txt' "it's"`, ['sget', 'a b.txt', "it's"]],
    ["get a' 'b'' c", ['get', 'a b', 'c']],
    ["x ''", ['x', '']],
    ["x 'open end", ['x', 'open end']],
    ['a\\ b \\*.jpg \\!x', ['a b', '\\*.jpg', '\\!x']],
    ['👍 ü', ['👍', 'ü']],
  ] as const) {
    test(`${line} has ${words.length} words`, () => {
      assert.deepEqual(texts(line), words);
    });
  }

  test('know where they begin', () => {
    assert.deepEqual(
      wordsOf(` a 'b c'd`).map(({from}) => from),
      [1, 3],
    );
  });

  test('any text can be quoted as one word', () => {
    fc.assert(
      fc.property(fc.string({unit: fc.constantFrom('a', ' ', "'", '"', '\\', '*', '\n')}), text => {
        assert.deepEqual(texts(`x ${quoted(text)} y`), ['x', text, 'y']);
      }),
    );
  });
});
