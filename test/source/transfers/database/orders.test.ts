import assert from 'node:assert/strict';
import {join} from 'node:path';
import {test} from 'node:test';
import {isRunning, type TransferState} from '../../../../source/transfers/terms/transfer-state.ts';
import {concerns, type Wish} from '../../../../source/transfers/terms/wish.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {
  addNames,
  become,
  namesIn,
  newTransfer,
  openStore,
  storedServer,
} from '../../../fixtures/queue/stored-queue.ts';

const states: readonly TransferState[] = [
  {name: 'queued'},
  {name: 'downloading'},
  {name: 'checking', checkedBytes: 1, totalBytes: 2},
  {name: 'paused'},
  {name: 'paused', noRoom: 'full'},
  {name: 'failed', code: 'not_found', reason: 'gone'},
  {name: 'done', outcome: 'verified'},
  {name: 'canceled'},
  {name: 'canceled', deletePartial: true},
  {name: 'queued', begun: true},
  {name: 'paused', begun: true},
  {name: 'failed', code: 'not_found', reason: 'gone', begun: true},
  {name: 'canceled', begun: true},
  {name: 'canceled', deletePartial: true, begun: true},
];

/** No process works on this queue. So the worker of a running transfer was killed, and may have named its file. */
function isBegun(state: TransferState): boolean {
  return isRunning(state) || ('begun' in state && state.begun === true);
}

const tables: ReadonlyArray<readonly [Wish & {which: unknown}, TransferState | undefined]> = [
  [{do: 'pause', which: 'all'}, {name: 'paused'}],
  [{do: 'resume', which: 'all'}, {name: 'queued'}],
  [{do: 'retry', which: 'all'}, {name: 'queued'}],
  [{do: 'retry', which: 'failed'}, {name: 'queued'}],
  [{do: 'cancel', which: 'all', deletePartial: false}, {name: 'canceled'}],
  [
    {do: 'cancel', which: 'all', deletePartial: true},
    {name: 'canceled', deletePartial: true},
  ],
  // Cleared rows are no longer read.
  [{do: 'clear', which: 'all'}, undefined],
];

for (const [wish, after] of tables) {
  test(`${JSON.stringify(wish)} applies to all transfers for which it makes sense, and to no others`, t => {
    const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
    const ids = addNames(
      store,
      states.map((_, index) => `file ${index}`),
    );
    for (const [index, state] of states.entries()) {
      become(store, [ids[index] ?? 0], state);
    }

    const [other = 0] = store.add('other:1', [newTransfer('other')]).map(({id}) => id);
    const meant = ids.filter((_, index) => concerns(wish, states[index] ?? {name: 'queued'}));
    assert.deepEqual(store.orders.carryOut(storedServer, wish), {ids: meant});
    assert.deepEqual(
      ids.map(id => store.read([id])[0]?.state),
      states.map((state, index) => {
        const next = after !== undefined && isBegun(state) ? {...after, begun: true} : after;
        return meant.includes(ids[index] ?? 0) ? next : state;
      }),
    );
    assert.deepEqual(store.read([other])[0]?.state, {name: 'queued'});
  });
}

test('a request for some transfers applies to these only, and only on their server', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const [a = 0, b = 0] = addNames(store, ['a', 'b']);
  const [other = 0] = store.add('other:1', [newTransfer('other')]).map(({id}) => id);
  const pause = (which: number[]) => store.orders.carryOut(storedServer, {do: 'pause', which}).ids;
  assert.deepEqual(pause([]), []);
  assert.deepEqual(pause([b, other, 12_345]), [b]);
  assert.deepEqual(pause([b]), []);
  assert.deepEqual(store.idsIn(['queued']), [a, other]);
});

test('a request does not bring back a cleared transfer', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const [id = 0] = addNames(store, ['a']);
  store.orders.carryOut(storedServer, {do: 'cancel', which: [id], deletePartial: false});
  store.orders.carryOut(storedServer, {do: 'clear', which: [id]});
  for (const [wish] of tables) {
    assert.deepEqual(store.orders.carryOut(storedServer, {...wish, which: [id]} as Wish), {
      ids: [],
    });
  }

  assert.deepEqual(store.orders.carryOut(storedServer, {do: 'move', id, by: 1}), {ids: []});
  assert.deepEqual(namesIn(store), []);
});

test('other processes see what a request changed', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const mine = openStore(t, file);
  const [, b = 0] = addNames(mine, ['a', 'b']);
  const other = openStore(t, file);
  const {seq, dataVersion} = other;
  mine.orders.carryOut(storedServer, {do: 'priority', which: [b], priority: 'high'});
  assert.notEqual(other.dataVersion, dataVersion);
  assert.deepEqual(
    other.changedSince(storedServer, seq).map(({id, priority}) => [id, priority]),
    [[b, 'high']],
  );
});

test('a transfer that gets back its earlier priority gets back its earlier position', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const [, b = 0] = addNames(store, ['a', 'b', 'c']);
  const prioritize = (priority: 'high' | 'normal' | 'low') =>
    store.orders.carryOut(storedServer, {do: 'priority', which: [b], priority});
  assert.deepEqual(prioritize('high'), {ids: [b]});
  assert.deepEqual(namesIn(store), ['b', 'a', 'c']);
  prioritize('low');
  assert.deepEqual(namesIn(store), ['a', 'c', 'b']);
  prioritize('normal');
  assert.deepEqual(namesIn(store), ['a', 'b', 'c']);
});

test('there is always room for one more transfer between two', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const [a = 0, b = 0] = addNames(store, ['a', 'b', 'c', 'd']);
  const move = (id: number, by: number) =>
    store.orders.carryOut(storedServer, {do: 'move', id, by});
  assert.deepEqual(move(a, 2), {ids: [a], place: 3, of: 4});
  const names = () => namesIn(store).join('');
  assert.equal(names(), 'bcad');
  // Each move halves the room before the last transfer.
  for (let round = 0; round < 100; round++) {
    const [first = 0] = store.load(storedServer).map(row => row.id);
    const before = names();
    move(first, 2);
    assert.equal(names(), `${before.slice(1, 3)}${before[0]}${before[3]}`);
  }

  assert.equal(move(b, -99).place, 1);
  assert.deepEqual(move(12_345, 1), {ids: []});
});

test('settled transfers do not count as positions', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = addNames(store, ['a', 'b', 'c', 'd', 'e']);
  become(store, [b], {name: 'done', outcome: 'verified'});
  become(store, [c], {name: 'failed', code: 'not_found', reason: 'gone'});
  become(store, [d], {name: 'paused'});
  const move = (id: number, by: number) => {
    const {place, of} = store.orders.carryOut(storedServer, {do: 'move', id, by});
    return [place, of];
  };
  assert.deepEqual(move(a, 1), [2, 3]);
  assert.deepEqual(move(e, -1), [2, 3]);
  assert.deepEqual(store.idsIn(['queued', 'paused']), [d, e, a]);
  // A failed transfer has a position, because it may be tried again.
  assert.deepEqual(move(c, 9), [4, 4]);
  become(store, [a, d, e], {name: 'done', outcome: 'verified'});
  assert.deepEqual(move(a, -5), [1, 1]);
});

test('a transfer moves among the transfers of its priority', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const [a = 0, b = 0, c = 0, d = 0] = addNames(store, ['a', 'b', 'c', 'd']);
  store.orders.carryOut(storedServer, {do: 'priority', which: [c, d], priority: 'high'});
  const move = (id: number, by: number) =>
    store.orders.carryOut(storedServer, {do: 'move', id, by});
  assert.deepEqual(move(c, 9), {ids: [c], place: 2, of: 2});
  assert.deepEqual(move(b, -9), {ids: [b], place: 1, of: 2});
  assert.deepEqual(
    store.load(storedServer).map(({id}) => id),
    [d, c, b, a],
  );
});

test('a partial file that was handled is no longer marked for deletion', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const other = openStore(t, file);
  const ids = addNames(store, ['a', 'b', 'c', 'd']);
  const [a = 0, b = 0, c = 0, d = 0] = ids;
  store.save({
    transfers: store.read(ids).map(row => ({
      ...row,
      size: 5,
      receivedBytes: 4,
      verifiedBytes: 3,
      reusedBytes: 2,
      copiedBytes: 1,
      state: {name: 'canceled', deletePartial: true, ...(row.id === d ? {begun: true} : {})},
    })),
  });
  store.orders.carryOut(storedServer, {do: 'retry', which: [c]});
  const {seq} = other;
  store.orders.partialIsDealtWith(a, true);
  store.orders.partialIsDealtWith(b, false);
  store.orders.partialIsDealtWith(c, true);
  store.orders.partialIsDealtWith(d, true);
  assert.deepEqual(
    store
      .read(ids)
      .map(row => [
        row.state,
        [row.receivedBytes, row.verifiedBytes, row.reusedBytes, row.copiedBytes],
      ]),
    [
      [{name: 'canceled'}, [0, 0, 0, 0]],
      [{name: 'canceled'}, [4, 3, 2, 1]],
      [{name: 'queued'}, [4, 3, 2, 1]],
      // A file under the final name may be its own.
      [{name: 'canceled', begun: true}, [0, 0, 0, 0]],
    ],
  );
  assert.deepEqual(
    other.changedSince(storedServer, seq).map(({id}) => id),
    [a, b, d],
  );
});
