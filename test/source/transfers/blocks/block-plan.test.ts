import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import fc from 'fast-check';
import {blockSize} from '../../../../protocol/block.ts';
import {BlockPlan, type Span} from '../../../../source/transfers/blocks/block-plan.ts';

const digest = Buffer.alloc(32, 7);

test('the plan gives out blocks in order, in spans, without the blocks that are done', () => {
  const plan = new BlockPlan(10 * blockSize + 5);
  plan.markDone(3, digest);
  assert.deepEqual(plan.next(16), {first: 0, end: 3});
  assert.deepEqual(plan.next(4), {first: 4, end: 8});
  assert.deepEqual(plan.next(16), {first: 8, end: 11});
  assert.equal(plan.next(16), undefined);
});

test('a span that is given back comes first again, without the blocks that have arrived', () => {
  const plan = new BlockPlan(8 * blockSize);
  const first = plan.next(4);
  const second = plan.next(4);
  assert.ok(first && second);
  plan.markDone(0, digest);
  plan.giveBack(first);
  assert.deepEqual(plan.next(16), {first: 1, end: 4});
  assert.equal(plan.next(16), undefined);
});

test('the needed span begins with the first needed block and ends with the last one', () => {
  const plan = new BlockPlan(6 * blockSize);
  assert.deepEqual(plan.neededSpan, {first: 0, end: 6});
  plan.markDone(0, digest);
  plan.markDone(3, digest);
  plan.markDone(5, digest);
  assert.deepEqual(plan.neededSpan, {first: 1, end: 5});
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6].filter(index => plan.isNeeded(index)),
    [1, 2, 4],
  );
  plan.next(16);
  assert.equal(plan.isNeeded(1), false);
  plan.next(16);
  assert.equal(plan.neededSpan, undefined);
});

test('the last range ends with the file', () => {
  const plan = new BlockPlan(2 * blockSize + 9);
  assert.deepEqual(plan.range({first: 1, end: 3}), [blockSize, blockSize + 9]);
});

test('an empty file is complete at once', () => {
  const plan = new BlockPlan(0);
  assert.equal(plan.complete, true);
  assert.equal(plan.next(16), undefined);
});

test('whatever is lost on the way, every block is done exactly once in the end', () => {
  fc.assert(
    fc.property(
      fc.integer({min: 0, max: 60}),
      fc.uniqueArray(fc.integer({min: 0, max: 59})),
      fc.array(fc.tuple(fc.integer({min: 1, max: 20}), fc.integer({min: 0, max: 20}))),
      (count, known, lanes) => {
        const size = count === 0 ? 0 : (count - 1) * blockSize + 1;
        const plan = new BlockPlan(size);
        for (const index of known.filter(block => block < count)) {
          plan.markDone(index, digest);
        }

        const open: Span[] = [];
        for (const [max, arrived] of lanes) {
          const span = plan.next(max);
          if (span !== undefined) {
            const lostFrom = Math.min(span.end, span.first + arrived);
            for (let index = span.first; index < lostFrom; index++) {
              plan.markDone(index, digest);
            }

            open.push({first: lostFrom, end: span.end});
          }
        }

        for (const span of open) {
          plan.giveBack(span);
        }

        for (let span = plan.next(7); span !== undefined; span = plan.next(7)) {
          for (let index = span.first; index < span.end; index++) {
            plan.markDone(index, digest);
          }
        }

        assert.equal(plan.complete, true);
        assert.equal(plan.doneBytes, size);
      },
    ),
  );
});

test('the front ends at the first block that is not done, or at the end of the file', () => {
  const plan = new BlockPlan(3 * blockSize + 5);
  assert.equal(plan.frontBytes, 0);
  plan.markDone(1, digest);
  assert.equal(plan.frontBytes, 0);
  plan.markDone(0, digest);
  assert.equal(plan.frontBytes, 2 * blockSize);
  plan.markDone(3, digest);
  assert.equal(plan.frontBytes, 2 * blockSize);
  plan.markDone(2, digest);
  assert.equal(plan.frontBytes, 3 * blockSize + 5);
  assert.equal(new BlockPlan(0).frontBytes, 0);
});
