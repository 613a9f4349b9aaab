import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  fetchedBytes,
  finalNameOf,
  isSmall,
  namesOf,
  newRow,
  type Row,
  type RowEvent,
  rowAfter,
  savedTransfer,
  sizeOf,
  snapshotOf,
  targetKeyOf,
  targetOf,
  untouched,
} from '../../../../../source/transfers/queue/rows/row.ts';
import type {NewTransfer} from '../../../../../source/transfers/terms/new-transfer.ts';
import {path} from '../../../../fixtures/harness.ts';

const transfer = {
  remotePath: path('a/b.jpg'),
  folder: '/to',
  localPath: 'a/b.jpg',
  size: 5,
  onConflict: 'rename',
} as const;

const fresh = newRow(7, 3, transfer);

function after(...events: readonly RowEvent[]): Row {
  return events.reduce(rowAfter, fresh);
}

const progress = {receivedBytes: 4, verifiedBytes: 3, reusedBytes: 2, copiedBytes: 1};
const cases: ReadonlyArray<[says: string, events: RowEvent[], seen: object]> = [
  ['a new row waits', [], {state: {name: 'queued'}, size: 5, verifiedBytes: 0}],
  ['bytes are told apart', [{type: 'progress', ...progress}], progress],
  [
    'a small file arrives as a whole',
    [{type: 'start'}, {type: 'done', outcome: 'verified', arrived: progress}],
    {...progress, state: {name: 'done', outcome: 'verified'}},
  ],
  ['another size than the listed one counts', [{type: 'size', bytes: 9}], {size: 9}],
  [
    'a chosen name is where it is saved',
    [{type: 'named', name: 'b (2).jpg'}],
    {target: '/to/a/b (2).jpg'},
  ],
  [
    'once begun anew stays so',
    [
      {type: 'version', version: 'v1', begunAnew: true},
      {type: 'version', version: 'v2', begunAnew: false},
    ],
    {begunAnew: true},
  ],
  [
    'the state follows its own function, and what is known stays',
    [{type: 'start'}, {type: 'progress', ...progress}, {type: 'pause'}],
    {state: {name: 'paused'}, ...progress},
  ],
  [
    'a deleted partial has no bytes left',
    [{type: 'progress', ...progress}, {type: 'cancel', deletePartial: true}, {type: 'deleted'}],
    {state: {name: 'canceled'}, receivedBytes: 0, verifiedBytes: 0, reusedBytes: 0, copiedBytes: 0},
  ],
  [
    'a partial that cannot be deleted is a failure',
    [
      {type: 'cancel', deletePartial: true},
      {type: 'fail', code: 'local_io', reason: 'no'},
    ],
    {state: {name: 'failed', code: 'local_io', reason: 'no'}},
  ],
  ['another priority', [{type: 'prioritized', priority: 'high'}], {priority: 'high'}],
];

for (const [says, events, seen] of cases) {
  test(says, () => {
    const snapshot = snapshotOf(after(...events));
    assert.deepEqual({...snapshot, ...seen}, snapshot);
  });
}

test('an event without an effect returns the same record', () => {
  const done = after({type: 'start'}, {type: 'done', outcome: 'verified'});
  for (const type of ['start', 'pause', 'resume', 'lost', 'release', 'leave', 'deleted'] as const) {
    const {state} = rowAfter(done, {type});
    assert.equal(state, done.state);
  }

  assert.equal(rowAfter(fresh, {type: 'speed', bytesPerSecond: 0}), fresh);
});

test('the same record has the same snapshot, and another record has another one', () => {
  assert.equal(snapshotOf(fresh), snapshotOf(fresh));
  assert.notEqual(snapshotOf(after({type: 'start'})), snapshotOf(fresh));
});

test('a row that is stored and read again is equal', () => {
  const events: RowEvent[][] = [
    [],
    [{type: 'start'}, {type: 'check', checkedBytes: 1, totalBytes: 5}],
    [{type: 'start'}, {type: 'copy', copiedBytes: 1, totalBytes: 5}],
    [{type: 'start'}, {type: 'leave'}],
    [{type: 'cancel', deletePartial: true}],
    [{type: 'wait', noRoom: 'full'}],
    [
      {type: 'start'},
      {type: 'version', version: 'v', begunAnew: false},
      {type: 'named', name: 'c'},
      {type: 'progress', ...progress},
    ],
  ];
  for (const one of events) {
    const row = after(...one);
    const {size, ...saved} = savedTransfer(row);
    const stored = {...saved, transfer: {...transfer, size}, removed: false, seq: 1};
    const read = rowAfter(fresh, {type: 'stored', stored});
    assert.deepEqual(snapshotOf(read), snapshotOf(row));
    assert.equal(targetOf(read), targetOf(row));
  }
});

test('a small file joins a group, unless it needs a download of its own', () => {
  const rowOf = (given: Partial<NewTransfer>) => newRow(1, 1, {...transfer, ...given});
  const hex = 'ab'.repeat(32);
  assert.equal(isSmall(fresh), true);
  assert.equal(isSmall(rowOf({size: 0})), true);
  assert.equal(isSmall(rowOf({size: 1_048_576})), true);
  assert.equal(isSmall(rowOf({size: 1_048_577})), false);
  assert.equal(isSmall(rowOf({size: undefined})), false);
  assert.equal(isSmall(rowOf({seed: '/x'})), false);
  assert.equal(isSmall(rowOf({from: '/x'})), false);
  assert.equal(isSmall(rowOf({expect: {kind: 'sha256', hex}})), true);
  assert.equal(isSmall(rowOf({expect: {kind: 'root', algorithm: 'sha256', hex}})), false);
  assert.equal(isSmall(after({type: 'start'})), true);
  assert.equal(isSmall(after({type: 'start'}, {type: 'leave'})), false);
  // It may have its final name already.
  assert.equal(isSmall(after({type: 'start'}, {type: 'abandoned'})), false);
  assert.equal(isSmall(after({type: 'start'}, {type: 'release'})), true);
});

test('bytes that were on the disk before were not fetched', () => {
  assert.equal(fetchedBytes(after({type: 'progress', ...progress})), 2);
  assert.equal(sizeOf(after({type: 'size', bytes: 0})), 0);
});

test('a file that has become the partial is not renamed a second time', () => {
  const row = newRow(1, 1, {...transfer, from: '/left', seed: '/old'});
  const {from, seed} = rowAfter(row, {type: 'adopted'}).transfer;
  assert.deepEqual([from, seed], [undefined, '/old']);
});

test('a row has its place by its chosen name, by its local path without one, and none that leads out', () => {
  const renamed = after({type: 'named', name: 'b (2).jpg'});
  const outside = newRow(1, 1, {...transfer, localPath: '../b.jpg'});
  assert.deepEqual([fresh, renamed, outside].map(finalNameOf), ['b.jpg', 'b (2).jpg', '']);
  assert.deepEqual([fresh, renamed, outside].map(namesOf), [
    ['a', 'b.jpg'],
    ['a', 'b (2).jpg'],
    undefined,
  ]);
  assert.deepEqual([fresh, renamed].map(targetKeyOf), ['a/b.jpg', 'a/b (2).jpg']);
});

test('a row that is read keeps the local file that it was begun with, and is as small in memory as a new one', () => {
  const row = newRow(7, 3, {...transfer, seed: '/old'});
  const {size, ...saved} = savedTransfer(row);
  const stored = {...saved, transfer: {...transfer, size: 9}, removed: false, seq: 1};
  assert.equal(size, 5);
  const read = rowAfter(row, {type: 'stored', stored});
  assert.deepEqual([read.transfer.seed, read.transfer.size], ['/old', 9]);
  assert.equal(read.work, untouched);
});
