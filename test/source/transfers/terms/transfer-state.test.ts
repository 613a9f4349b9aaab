import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {
  isRunning,
  isSameState,
  isSettled,
  nextState,
  type TransferEvent,
  type TransferState,
} from '../../../../source/transfers/terms/transfer-state.ts';

const states: readonly TransferState[] = [
  {name: 'queued'},
  {name: 'connecting'},
  {name: 'checking', checkedBytes: 1, totalBytes: 2},
  {name: 'copying', copiedBytes: 1, totalBytes: 2},
  {name: 'downloading'},
  {name: 'finishing'},
  {name: 'done', outcome: 'verified'},
  {name: 'paused'},
  {name: 'paused', noRoom: 'full'},
  {name: 'failed', code: 'not_found', reason: 'gone'},
  {name: 'canceled'},
];

const events: readonly TransferEvent[] = [
  {type: 'start'},
  {type: 'check', checkedBytes: 3, totalBytes: 4},
  {type: 'copy', copiedBytes: 3, totalBytes: 4},
  {type: 'download'},
  {type: 'finish'},
  {type: 'done', outcome: 'verified'},
  {type: 'lost'},
  {type: 'pause'},
  {type: 'wait', noRoom: 'full'},
  {type: 'resume'},
  {type: 'fail', code: 'no_space', reason: 'full'},
  {type: 'cancel'},
  {type: 'retry'},
];

const paths: ReadonlyArray<[string, readonly TransferEvent['type'][], TransferState['name']]> = [
  ['a plain download', ['start', 'download', 'finish', 'done'], 'done'],
  ['a resumed one', ['start', 'check', 'check', 'download', 'finish', 'done'], 'done'],
  ['one with a seed', ['start', 'check', 'copy', 'copy', 'download', 'finish', 'done'], 'done'],
  ['a seed that is looked at too late', ['start', 'download', 'copy'], 'downloading'],
  ['a lost connection', ['start', 'download', 'lost', 'download', 'finish', 'done'], 'done'],
  ['a pause', ['start', 'download', 'pause', 'download'], 'paused'],
  ['a pause that comes too late', ['start', 'download', 'finish', 'pause', 'done'], 'done'],
  ['a cancel that comes too late', ['start', 'finish', 'cancel', 'done'], 'done'],
  ['what is done after it failed', ['start', 'fail', 'done'], 'failed'],
  ['going on', ['start', 'pause', 'resume', 'start'], 'connecting'],
  ['no room, and then there is', ['start', 'wait', 'resume', 'start'], 'connecting'],
  ['no room, and nobody who waits', ['start', 'wait', 'fail'], 'failed'],
  ['a pause while there is no room', ['start', 'wait', 'pause', 'fail'], 'paused'],
  ['a failure and another try', ['start', 'fail', 'retry'], 'queued'],
  ['a cancel that comes first', ['cancel', 'start'], 'canceled'],
  ['a cancel of what is done', ['start', 'download', 'done', 'cancel'], 'done'],
];

for (const [what, types, end] of paths) {
  test(`${what}: ${types.join(', ')} leads to ${end}`, () => {
    let state: TransferState = {name: 'queued'};
    for (const type of types) {
      const event = events.find(candidate => candidate.type === type);
      assert.ok(event);
      state = nextState(state, event);
    }

    assert.equal(state.name, end);
  });
}

test('a file that a killed process may have named stays marked as such, whatever the user does meanwhile', () => {
  const ways: ReadonlyArray<readonly TransferEvent[]> = [
    [{type: 'pause'}, {type: 'resume'}],
    [{type: 'wait', noRoom: 'full'}, {type: 'pause'}, {type: 'resume'}],
    [{type: 'cancel'}, {type: 'retry'}],
    [{type: 'cancel', deletePartial: true}, {type: 'deleted'}, {type: 'retry'}],
    [{type: 'pause'}, {type: 'cancel'}, {type: 'retry'}],
    [{type: 'fail', code: 'not_found', reason: 'gone'}, {type: 'retry'}],
    [{type: 'start'}, {type: 'release'}],
    [{type: 'start'}, {type: 'pause'}, {type: 'resume'}],
    [{type: 'start'}, {type: 'fail', code: 'unreachable', reason: 'gone'}, {type: 'retry'}],
    [{type: 'start'}, {type: 'check', checkedBytes: 0, totalBytes: 1}, {type: 'release'}],
    [{type: 'start'}, {type: 'copy', copiedBytes: 0, totalBytes: 1}, {type: 'release'}],
    [{type: 'start'}, {type: 'download'}, {type: 'lost'}, {type: 'release'}],
    [{type: 'start'}, {type: 'wait', noRoom: 'full'}, {type: 'resume'}],
    [{type: 'start'}, {type: 'cancel'}, {type: 'retry'}],
    [{type: 'start'}, {type: 'finish'}, {type: 'release'}],
  ];
  for (const way of ways) {
    const begun = nextState({name: 'finishing'}, {type: 'abandoned'});
    assert.deepEqual(way.reduce(nextState, begun), {name: 'queued', begun: true});
    assert.deepEqual(way.reduce(nextState, {name: 'queued'} as TransferState), {name: 'queued'});
  }
});

test('a file that is left alone after it was begun stays marked', () => {
  const begun: TransferState = {name: 'connecting', begun: true};
  assert.deepEqual(nextState(begun, {type: 'leave'}), {name: 'queued', begun: true});
  assert.deepEqual(nextState({name: 'connecting'}, {type: 'leave'}), {name: 'queued', alone: true});
});

test('every event in every state gives a state, and a finished transfer stays finished', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...states),
      fc.array(fc.constantFrom(...events), {maxLength: 20}),
      (start, sequence) => {
        let state = start;
        for (const event of sequence) {
          const next = nextState(state, event);
          assert.ok(states.some(known => known.name === next.name));
          if (state.name === 'done') {
            assert.equal(next, state);
          }

          if (isSettled(state) && !['retry', 'cancel', 'done'].includes(event.type)) {
            assert.equal(next, state);
          }

          assert.ok(!(isRunning(next) && isSettled(next)));
          state = next;
        }
      },
    ),
  );
});

const byName: Readonly<Record<string, TransferState>> = {
  queued: {name: 'queued'},
  connecting: {name: 'connecting'},
  checking: {name: 'checking', checkedBytes: 1, totalBytes: 2},
  copying: {name: 'copying', copiedBytes: 1, totalBytes: 2},
  downloading: {name: 'downloading'},
  finishing: {name: 'finishing'},
  done: {name: 'done', outcome: 'skipped'},
  paused: {name: 'paused'},
  waiting: {name: 'paused', noRoom: 'full'},
  failed: {name: 'failed', code: 'not_found', reason: 'gone'},
  canceled: {name: 'canceled'},
  deleting: {name: 'canceled', deletePartial: true},
};
const running = ['connecting', 'checking', 'copying', 'downloading', 'finishing'];
const begun = ['connecting', 'checking', 'copying'];
const unfinished = ['queued', ...running, 'paused', 'waiting'];
const canceled = ['canceled', 'deleting'];
const root = {kind: 'root', algorithm: 'sha256', hex: 'ab'} as const;

/** Events, the states that they change, and the state after that. */
const changes: ReadonlyArray<[TransferEvent, readonly string[], TransferState]> = [
  [{type: 'start'}, ['queued'], {name: 'connecting'}],
  [
    {type: 'check', checkedBytes: 3, totalBytes: 4},
    ['connecting', 'checking'],
    {name: 'checking', checkedBytes: 3, totalBytes: 4},
  ],
  [
    {type: 'copy', copiedBytes: 3, totalBytes: 4},
    begun,
    {name: 'copying', copiedBytes: 3, totalBytes: 4},
  ],
  [{type: 'download'}, begun, {name: 'downloading'}],
  [{type: 'finish'}, running, {name: 'finishing'}],
  [
    {type: 'done', outcome: 'verified', sha256: 'cd', root},
    [...unfinished, ...canceled],
    {name: 'done', outcome: 'verified', sha256: 'cd', root},
  ],
  [
    {type: 'done', outcome: 'skipped'},
    [...unfinished, ...canceled],
    {name: 'done', outcome: 'skipped'},
  ],
  [{type: 'lost'}, running, {name: 'connecting'}],
  [{type: 'pause'}, ['queued', ...running, 'waiting'], {name: 'paused'}],
  [{type: 'wait', noRoom: 'no'}, ['queued', ...running], {name: 'paused', noRoom: 'no'}],
  [{type: 'release'}, running, {name: 'queued'}],
  [{type: 'abandoned'}, running, {name: 'queued', begun: true}],
  [{type: 'leave'}, running, {name: 'queued', alone: true}],
  [{type: 'resume'}, ['paused', 'waiting'], {name: 'queued'}],
  [
    {type: 'fail', code: 'local_io', reason: 'no'},
    ['queued', ...running, 'waiting', 'deleting'],
    {name: 'failed', code: 'local_io', reason: 'no'},
  ],
  [{type: 'cancel'}, [...unfinished, 'failed', ...canceled], {name: 'canceled'}],
  [
    {type: 'cancel', deletePartial: true},
    [...unfinished, 'failed', ...canceled],
    {name: 'canceled', deletePartial: true},
  ],
  [{type: 'deleted'}, canceled, {name: 'canceled'}],
  [{type: 'retry'}, ['failed', ...canceled], {name: 'queued'}],
];

for (const [event, from, after] of changes) {
  test(`${JSON.stringify(event)} changes these states alone: ${from.join(', ')}`, () => {
    for (const [name, before] of Object.entries(byName)) {
      assert.deepEqual(nextState(before, event), from.includes(name) ? after : before, name);
    }
  });
}

test('two states are the same if all their fields are', () => {
  const all = [...Object.values(byName), {name: 'queued', alone: true} as const];
  for (const [index, one] of all.entries()) {
    assert.deepEqual(
      all.map(other => isSameState(one, structuredClone(other))),
      all.map((_, at) => at === index),
    );
  }
});
