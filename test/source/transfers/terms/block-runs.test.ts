import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {blocksOfRuns, runsOf} from '../../../../source/transfers/terms/block-runs.ts';
import type {BlockState, BlockView} from '../../../../source/transfers/terms/block-view.ts';

const states: readonly BlockState[] = ['good', 'bad', 'missing', 'arriving', 'read', 'unread'];

function viewOf(blocks: readonly BlockState[]): BlockView {
  return {count: blocks.length, at: index => blocks[index] ?? 'unread'};
}

function listOf({count, at}: BlockView): BlockState[] {
  return Array.from({length: count}, (_, index) => at(index));
}

test('equal neighbours are one run, and the blocks can be read back', () => {
  const blocks: BlockState[] = ['good', 'good', 'good', 'arriving', 'missing', 'missing', 'good'];
  assert.equal(runsOf(viewOf(blocks)), '3g1a2m1g');
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...states), {minLength: 1, maxLength: 300}), some => {
      const back = blocksOfRuns(runsOf(viewOf(some)) ?? '');
      assert.deepEqual(back && listOf(back), some);
    }),
  );
});

test('a file with too many blocks or runs has no text, because writing it would cost more than it is worth', () => {
  const all = (count: number): BlockView => ({count, at: () => 'good'});
  const mixed = (count: number): BlockView => ({
    count,
    at: index => (index % 2 === 0 ? 'good' : 'bad'),
  });
  assert.equal(runsOf(all(262_144)), '262144g');
  assert.equal(runsOf(all(262_145)), undefined);
  assert.equal(runsOf(mixed(1000))?.length, 2000);
  assert.equal(runsOf(mixed(1001)), undefined);
  assert.equal(blocksOfRuns('262143g1b')?.count, 262_144);
  assert.equal(blocksOfRuns('262144g1b'), undefined);
});

test('any other text stands for no blocks', () => {
  for (const text of ['', 'g', '3', '3x', '3g ', ' 3g', '3g-1m', '03g', '3g4', '999999g', 'null']) {
    assert.equal(blocksOfRuns(text), undefined, text);
  }
});
