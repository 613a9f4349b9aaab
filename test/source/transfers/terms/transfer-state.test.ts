import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {
  isRunning,
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
  ];
  for (const way of ways) {
    const begun = nextState({name: 'finishing'}, {type: 'abandoned'});
    assert.deepEqual(way.reduce(nextState, begun), {name: 'queued', begun: true});
    assert.deepEqual(way.reduce(nextState, {name: 'queued'} as TransferState), {name: 'queued'});
  }
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
