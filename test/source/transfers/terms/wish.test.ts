import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {TransferState} from '../../../../source/transfers/terms/transfer-state.ts';
import {concerns, eventOf, type Wish} from '../../../../source/transfers/terms/wish.ts';

const states: Readonly<Record<string, TransferState>> = {
  queued: {name: 'queued'},
  connecting: {name: 'connecting'},
  checking: {name: 'checking', checkedBytes: 1, totalBytes: 2},
  copying: {name: 'copying', copiedBytes: 1, totalBytes: 2},
  downloading: {name: 'downloading'},
  finishing: {name: 'finishing'},
  paused: {name: 'paused'},
  'waits for room': {name: 'paused', noRoom: 'full'},
  failed: {name: 'failed', code: 'not_found', reason: 'gone'},
  done: {name: 'done', outcome: 'verified'},
  canceled: {name: 'canceled'},
  'partial to delete': {name: 'canceled', deletePartial: true},
};

const running = ['connecting', 'checking', 'copying', 'downloading', 'finishing'];
const unsettled = ['queued', ...running, 'paused', 'waits for room'];
const canceled = ['canceled', 'partial to delete'];
const which = 'all';

const tables: ReadonlyArray<readonly [Wish, readonly string[]]> = [
  [{do: 'pause', which}, ['queued', ...running, 'waits for room']],
  [{do: 'resume', which}, ['paused', 'waits for room']],
  [{do: 'retry', which}, ['failed', ...canceled]],
  [{do: 'retry', which: 'failed'}, ['failed']],
  [{do: 'cancel', which, deletePartial: false}, [...unsettled, 'failed']],
  [{do: 'cancel', which, deletePartial: true}, [...unsettled, 'failed', ...canceled]],
  [{do: 'clear', which}, ['done', 'canceled']],
  [{do: 'priority', which, priority: 'high'}, [...unsettled, 'failed']],
  [{do: 'move', id: 1, by: 1}, Object.keys(states)],
];

for (const [wish, expected] of tables) {
  test(`${JSON.stringify(wish)} concerns ${expected.join(', ')}`, () => {
    const concerned = Object.keys(states).filter(name => {
      const state = states[name];
      return state !== undefined && concerns(wish, state);
    });
    assert.deepEqual(concerned, expected);
  });
}

test('a wish about the state of a transfer is an event of it, with all that the wish says', () => {
  for (const type of ['pause', 'resume', 'retry'] as const) {
    assert.deepEqual(eventOf({do: type, which}), {type});
  }

  for (const deletePartial of [true, false]) {
    const cancel: Wish = {do: 'cancel', which, deletePartial};
    assert.deepEqual(eventOf(cancel), {type: 'cancel', deletePartial});
  }

  assert.equal(eventOf({do: 'clear', which}), undefined);
  assert.equal(eventOf({do: 'move', id: 1, by: 1}), undefined);
});
