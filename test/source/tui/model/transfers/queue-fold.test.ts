import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {TransferState} from '../../../../../source/transfers/terms/transfer-state.ts';
import {byKind, foldQueue} from '../../../../../source/tui/model/transfers/queue-fold.ts';
import {transfer} from '../../view/lines.ts';

const running: TransferState = {name: 'downloading'};
const waiting: TransferState = {name: 'queued'};
const done: TransferState = {name: 'done', outcome: 'verified'};
const failed: TransferState = {name: 'failed', code: 'internal', reason: 'no'};
const some = (state: TransferState, from: number, count: number) =>
  Array.from({length: count}, (_, index) => transfer(state, {id: from + index}));
const counts = {active: 0, queued: 0, waiting: 0, paused: 0, failed: 0, done: 0, canceled: 0};
const ids = (rows: readonly {id: number}[]) => rows.map(({id}) => id);

test('rows that all fit are grouped by kind, each kind in the order of the queue', () => {
  const rows = [
    ...some(done, 1, 2),
    ...some(running, 3, 1),
    ...some(failed, 4, 1),
    ...some(waiting, 5, 2),
    ...some({name: 'paused'}, 7, 1),
  ];
  assert.deepEqual(ids(byKind(rows)), [3, 4, 7, 5, 6, 1, 2]);
});

test('running transfers come first, and one row stands for all others of its kind', () => {
  const fold = foldQueue(
    {...counts, active: 3, queued: 900, done: 300},
    some(running, 400, 3),
    [...some(done, 1, 300), ...some(running, 400, 3), ...some(waiting, 500, 900)],
    5,
  );
  assert.deepEqual(ids(fold.rows), [400, 401, 402, 500, 300]);
  assert.deepEqual(
    [...fold.more],
    [
      [500, 899],
      [300, 299],
    ],
  );
});

test('spare space shows more of the next transfers; little space shows the most important ones', () => {
  const all = [
    ...some(done, 1, 3),
    ...some(running, 10, 4),
    ...some(failed, 20, 2),
    ...some(waiting, 30, 9),
  ];
  const kinds = {...counts, active: 4, queued: 9, failed: 2, done: 3};
  const runs = some(running, 10, 4);
  assert.deepEqual(
    ids(foldQueue(kinds, runs, all, 10).rows),
    [10, 11, 12, 13, 20, 21, 30, 31, 32, 3],
  );
  assert.deepEqual(ids(foldQueue(kinds, runs, all, 2).rows), [10, 20]);
  assert.deepEqual([...foldQueue(kinds, runs, all, 1).more], [[10, 3]]);
});
