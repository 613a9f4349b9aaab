import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parseRate} from '../../../protocol/program/parse-rate.ts';

test('rates are read in bytes per second', () => {
  const cases: [string, number | undefined][] = [
    ['1', 1],
    ['500k', 500_000],
    ['10M', 10_000_000],
    ['1.5m', 1_500_000],
    ['2G', 2_000_000_000],
    ['10MB/s', 10_000_000],
    ['1000000000000', 1e12],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740992', undefined],
    ['0', undefined],
    ['0.1', undefined],
    ['-5', undefined],
    ['', undefined],
    ['k', undefined],
    ['1e9', undefined],
    ['10 M', undefined],
  ];
  for (const [text, expected] of cases) {
    assert.equal(parseRate(text), expected, text);
  }
});
