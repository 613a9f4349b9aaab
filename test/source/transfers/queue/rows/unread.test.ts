import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {CountedTransfers} from '../../../../../source/transfers/database/stored-rows.ts';
import type {StoredTransfer} from '../../../../../source/transfers/database/stored-transfer.ts';
import {noRows} from '../../../../../source/transfers/queue/rows/row-counter.ts';
import {Unread} from '../../../../../source/transfers/queue/rows/unread.ts';
import type {TransferState} from '../../../../../source/transfers/terms/transfer-state.ts';
import {newTransfer} from '../../../../fixtures/queue/stored-queue.ts';

function counted(
  state: CountedTransfers['state'],
  lastId: number,
  waitsForRoom = false,
): CountedTransfers {
  const bytes = {bytes: 100, hereBytes: 40, leftBytes: 60, unsized: 1};
  return {state, waitsForRoom, count: 2, lastId, ...bytes};
}

function stored(id: number, state: TransferState, size?: number): StoredTransfer {
  return {
    ...{id, state, position: id, priority: 'normal', removed: false, bytesPerSecond: 0, seq: 1},
    ...{name: undefined, version: undefined, blocks: undefined},
    ...{receivedBytes: 30, verifiedBytes: 20, reusedBytes: 0, copiedBytes: 0},
    transfer: {...newTransfer('a'), size},
  };
}

test('transfers that are not read yet are counted by state, and bytes come of those that run or wait alone', () => {
  const groups: ReadonlyArray<[CountedTransfers, object, boolean, boolean]> = [
    [counted('queued', 9), {queued: 2}, true, true],
    [counted('running', 9), {active: 2}, true, true],
    [counted('paused', 9), {paused: 2}, true, false],
    [counted('paused', 9, true), {waiting: 2}, true, false],
    [counted('failed', 9), {failed: 2}, true, false],
    [counted('done', 9), {done: 2}, true, false],
    [counted('canceled', 9), {canceled: 2}, false, false],
  ];
  for (const [group, counts, isWanted, comes] of groups) {
    const unread = new Unread([group]);
    assert.deepEqual(unread.counts, {...noRows(), ...counts});
    assert.equal(unread.total, 2);
    assert.deepEqual(unread.bytes, {
      ...(isWanted ? {wanted: 100, here: 40} : {wanted: 0, here: 0}),
      ...(comes ? {left: 60, unsized: 1} : {left: 0, unsized: 0}),
    });
  }

  const all = new Unread(groups.map(([group]) => group));
  assert.deepEqual([all.total, all.bytes], [14, {wanted: 600, here: 240, left: 120, unsized: 2}]);
});

test('a transfer that is read is not counted any more, one that was added later was not, and no count is negative', () => {
  const unread = new Unread([counted('queued', 4), counted('paused', 7, true)]);
  unread.read([stored(8, {name: 'queued'}, 50)]);
  assert.equal(unread.total, 4);
  unread.read([stored(7, {name: 'paused', noRoom: 'full'}, 50), stored(4, {name: 'queued'})]);
  assert.deepEqual(unread.counts, {...noRows(), queued: 1, waiting: 1});
  assert.deepEqual(
    [unread.total, unread.bytes],
    [2, {wanted: 130, here: 40, left: 60, unsized: 0}],
  );
  // Another process has changed them meanwhile.
  unread.read([1, 2, 3].map(id => stored(id, {name: 'failed', code: 'changed', reason: ''}, 900)));
  assert.deepEqual(unread.counts, {...noRows(), queued: 1, waiting: 1});
  assert.deepEqual([unread.total, unread.bytes], [0, {wanted: 0, here: 0, left: 60, unsized: 0}]);
});
