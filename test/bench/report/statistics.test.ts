import assert from 'node:assert/strict';
import {test} from 'node:test';
import {median, ratios, spreadOf} from '../../../bench/report/statistics.ts';

test('the median is the middle value, or the mean of the two in the middle', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 10]), 3);
  assert.ok(Number.isNaN(median([])));
});

test('a spread has the median, the lowest and the highest value', () => {
  assert.deepEqual(spreadOf([3, 1, 2]), {median: 2, low: 1, high: 3});
});

test('ratios use only the rounds that both programs ran', () => {
  assert.deepEqual(ratios([2, 9], [1, 3, 5]), [2, 3]);
  assert.deepEqual(ratios([2, 9, 4], [1]), [2]);
});
