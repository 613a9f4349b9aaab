import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {parsePosition} from '../../../../../source/tui/model/verifier/parse-position.ts';

suite('a position in a file', () => {
  for (const [text, length] of [
    ['', undefined],
    ['0', 0],
    ['47,185,920', 47_185_920],
    ['45M', 45_000_000],
    ['45 mb', 45_000_000],
    ['1.5MiB', 1_572_864],
    ['50%', 50_000_000],
    ['33.3 %', 33_300_000],
    ['100%', 100_000_000],
  ] as const) {
    test(`'${text}' is ${length ?? 'all of it'}`, () => {
      assert.deepEqual(parsePosition(text, 100_000_000), {length});
    });
  }

  for (const [text, complaint] of [
    ['many', /Invalid position 'many'/],
    ['-1', /^Invalid position/],
    ['45Q', /^Invalid position/],
    ['1.2.3', /^Invalid position/],
    ['\u001b[2J', /Invalid position '.*'/],
    ['101%', /at most 100%/],
    ['101M', /The file has 100,000,000 bytes/],
  ] as const) {
    test(`${JSON.stringify(text)} causes an error that says what is wrong`, () => {
      const position = parsePosition(text, 100_000_000);
      assert.ok('complaint' in position);
      assert.match(position.complaint, complaint);
    });
  }

  test('a part of an unknown size is refused', () => {
    assert.ok('complaint' in parsePosition('50%', undefined));
    assert.deepEqual(parsePosition('5', undefined), {length: 5});
  });
});
