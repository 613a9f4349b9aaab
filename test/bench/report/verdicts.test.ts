import assert from 'node:assert/strict';
import {test} from 'node:test';
import {verdictsOf} from '../../../bench/report/verdicts.ts';
import {resultOf} from './result.ts';

test('a ratio is taken within each round, not between medians', () => {
  const [verdict] = verdictsOf(resultOf({jangada: [1, 2, 4], rsync: [4, 2, 2]}));
  assert.equal(verdict?.what, 'rsync ÷ jangada');
  assert.deepEqual(verdict.measured, {median: 1, low: 0.5, high: 4});
});

test('a program that ran in fewer rounds is compared in its rounds only', () => {
  const [verdict] = verdictsOf(resultOf({jangada: [1, 2, 8], rsync: [30, 40]}));
  assert.deepEqual(verdict?.measured, {median: 25, low: 20, high: 30});
});

test('a goal is met at its exact value, whether higher or lower is better', () => {
  const shares = (seconds: number) =>
    Object.fromEntries(
      verdictsOf(resultOf({jangada: [seconds], rsync: [1.2]})).map(({what, share}) => [
        what,
        share,
      ]),
    );
  const {'rsync ÷ jangada': ratio, time} = shares(1);
  assert.deepEqual([ratio, time], [1, 1.5]);
  assert.equal(shares(1.5).time, 1);
  assert.equal(shares(3).time, 0.5);
});

test('a program that did not run has no verdict', () => {
  const verdicts = verdictsOf(resultOf({jangada: [1], rsync: []}));
  assert.deepEqual(
    verdicts.map(({what}) => what),
    ['the link ÷ jangada', 'time', 'memory of the client', 'memory of the server'],
  );
});
