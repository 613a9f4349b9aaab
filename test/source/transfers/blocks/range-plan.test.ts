import assert from 'node:assert/strict';
import {test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {RangePlan} from '../../../../source/transfers/blocks/range-plan.ts';

const size = 10 * blockSize + 5;

test('at most as many blocks are requested as the reader has memory for, until it takes some', () => {
  const plan = new RangePlan(size, {first: 2, end: 11}, 4);
  assert.deepEqual(
    [plan.next(3), plan.next(3), plan.next(3)],
    [{first: 2, end: 5}, {first: 5, end: 6}, undefined],
  );
  plan.taken();
  plan.taken();
  assert.equal(plan.room, 2);
  assert.deepEqual(plan.next(3), {first: 6, end: 8});
});

test('blocks that will not arrive are requested again, even if no more blocks may be requested', () => {
  const plan = new RangePlan(size, {first: 0, end: 11}, 4);
  const first = plan.next(2);
  const second = plan.next(2);
  assert.ok(first && second);
  assert.equal(plan.next(1), undefined);
  plan.giveBack(second);
  assert.deepEqual([plan.room, plan.left], [2, 9]);
  assert.deepEqual(plan.next(8), second);
});

test('the last block of a file is as long as the rest of the file', () => {
  const plan = new RangePlan(size, {first: 9, end: 11}, 4);
  const span = plan.next(4);
  assert.ok(span);
  assert.deepEqual(plan.range(span), [9 * blockSize, blockSize + 5]);
  assert.equal(plan.next(1), undefined);
});
