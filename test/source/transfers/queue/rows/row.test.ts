import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  isSmall,
  newRow,
  type Row,
  type RowEvent,
  rowAfter,
  savedTransfer,
  snapshotOf,
  targetOf,
} from '../../../../../source/transfers/queue/rows/row.ts';
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

test('a small file joins a group, unless it was left to a download of its own', () => {
  assert.equal(isSmall(fresh), true);
  assert.equal(isSmall(after({type: 'start'}, {type: 'leave'})), false);
  assert.equal(isSmall(newRow(1, 1, {...transfer, size: 2_000_000})), false);
  assert.equal(isSmall(newRow(1, 1, {...transfer, size: undefined})), false);
  assert.equal(isSmall(newRow(1, 1, {...transfer, seed: '/x'})), false);
});
