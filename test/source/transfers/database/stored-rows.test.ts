/** Rows that are counted, added and pruned: the numbers that users and other processes see. */
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {test} from 'node:test';
import type {SavedTransfer} from '../../../../source/transfers/database/saved-transfer.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {
  addNames,
  become,
  namesIn,
  newTransfer,
  openStore,
  savedAs,
  storedServer,
} from '../../../fixtures/queue/stored-queue.ts';

const day = 24 * 3_600_000;

/** States with their progress: size, received and verified bytes. Then what is here, and what is left. */
const progress: ReadonlyArray<
  [SavedTransfer['state'], number | undefined, number, number, here: number, left: number]
> = [
  [{name: 'queued'}, 100, 50, 40, 40, 60],
  [{name: 'downloading'}, 100, 50, 40, 50, 50],
  // Only a verified file is here as a whole.
  [{name: 'downloading'}, 100, 100, 90, 90, 10],
  // Received bytes were lost.
  [{name: 'downloading'}, 100, 30, 40, 40, 60],
  [{name: 'downloading'}, undefined, 50, 40, 50, 0],
  [{name: 'paused'}, 100, 50, 40, 40, 60],
  [{name: 'failed', code: 'changed', reason: 'no'}, 100, 50, 40, 40, 60],
  [{name: 'done', outcome: 'skipped'}, 100, 0, 0, 100, 0],
  [{name: 'done', outcome: 'verified'}, undefined, 70, 70, 70, 0],
  // The file has become shorter.
  [{name: 'queued'}, 10, 50, 40, 40, 0],
];

for (const [state, size, receivedBytes, verifiedBytes, hereBytes, leftBytes] of progress) {
  test(`of a transfer that is ${state.name}, with ${receivedBytes} bytes received and ${verifiedBytes} verified of ${size}, ${hereBytes} are here`, t => {
    const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
    const [a = 0] = addNames(store, ['a']);
    store.save({
      transfers: [{...savedAs(store, a, state), size, receivedBytes, verifiedBytes}],
    });
    const [count, ...others] = store.count(storedServer);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [count?.bytes, count?.hereBytes, count?.leftBytes, count?.unsized],
      [size ?? hereBytes, hereBytes, leftBytes, size === undefined ? 1 : 0],
    );
    const reading = store.left();
    reading.next();
    const step = reading.next();
    const [sum] = step.done === true ? step.value : [];
    const isLeft = ['queued', 'downloading', 'paused'].includes(state.name);
    assert.equal(sum?.bytes ?? 0, isLeft ? leftBytes : 0);
  });
}

test('a transfer is added behind all others of its server, whatever their priority', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'), () => 1_790_000_000_000);
  const add = (server: string, ...priorities: Array<'high' | 'normal' | 'low' | undefined>) =>
    store.add(
      server,
      priorities.map((priority, index) => ({...newTransfer(`f${index}`), priority})),
    );
  const positions = (added: ReadonlyArray<{position: number}>) =>
    added.map(({position}) => position);
  assert.deepEqual(positions(add(storedServer, 'high', undefined, 'low')), [1, 2, 3]);
  assert.deepEqual(positions(add(storedServer, 'high')), [4]);
  const [other] = add('other:1', 'low');
  assert.equal(other?.position, 1);
  assert.deepEqual(
    store.load(storedServer).map(({priority, position}) => [priority, position]),
    [
      ['high', 1],
      ['high', 4],
      ['normal', 2],
      ['low', 3],
    ],
  );
  assert.equal(store.addedMs(other?.id ?? 0), 1_790_000_000_000);
  assert.equal(store.addedMs(99), undefined);
});

test('a speed is stored as a whole number', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const [a = 0] = addNames(store, ['a']);
  store.save({transfers: [{...savedAs(store, a, {name: 'downloading'}), bytesPerSecond: 12.6}]});
  assert.equal(store.read([a])[0]?.bytesPerSecond, 13);
});

test('cleared rows are read as they were, of their server alone, in queue order', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const [a = 0, b = 0, c = 0, d = 0] = addNames(store, ['a', 'b', 'c', 'd']);
  const [other = 0] = store.add('other:1', [newTransfer('x')]).map(({id}) => id);
  become(store, [a], {name: 'done', outcome: 'skipped'});
  become(store, [b], {name: 'canceled', begun: true});
  store.save({removed: [a, b, other]});
  assert.deepEqual(
    store.readCleared([d, c, b, a, other], storedServer).map(({id, state}) => [id, state]),
    [
      [a, {name: 'done', outcome: 'skipped'}],
      [b, {name: 'canceled', begun: true}],
    ],
  );
  assert.deepEqual([...store.byServer([a, c, other])], [[storedServer, [c]]]);
});

test('the history of one queue is pruned though a process works on another', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  let nowMs = Date.now();
  const first = openStore(t, file, () => nowMs);
  const old = addNames(first, ['a']);
  const [other = 0] = first.add('other:1', [newTransfer('x')]).map(({id}) => id);
  become(first, [...old, other], {name: 'done', outcome: 'verified'});
  nowMs += 31 * day;
  using lease = first.lease('other:1');
  assert.equal(lease.take(), true);
  const second = openStore(t, file, () => nowMs);
  assert.deepEqual([namesIn(second), second.load('other:1').length], [[], 1]);
  // To look whether somebody works there has taken nothing from anybody.
  assert.deepEqual(
    [first.isWorkedOn(storedServer), first.isWorkedOn('other:1'), second.isWorkedOn('other:1')],
    [false, true, true],
  );
});

test('nothing is pruned where it cannot be seen whether a process works on the queue', t => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'queue.db');
  let nowMs = Date.now();
  const first = openStore(t, file, () => nowMs);
  become(first, addNames(first, ['a']), {name: 'done', outcome: 'verified'});
  writeFileSync(join(folder, 'locks'), 'in the way');
  nowMs += 31 * day;
  assert.deepEqual(namesIn(openStore(t, file, () => nowMs)), ['a']);
});

test('a transfer that is restored or queued again is kept as long as others from then on', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  let nowMs = Date.now();
  const store = openStore(t, file, () => nowMs);
  const [a = 0, b = 0, c = 0] = addNames(store, ['a', 'b', 'c']);
  become(store, [a], {name: 'done', outcome: 'verified'});
  become(store, [b, c], {name: 'canceled'});
  nowMs += 29 * day;
  store.orders.carryOut(storedServer, {do: 'clear', which: [a]});
  const restore = (server: string) =>
    store.orders.carryOut(server, {do: 'restore', which: [a, b]}).ids;
  assert.deepEqual([restore('other:1'), restore(storedServer)], [[], [a]]);
  store.orders.carryOut(storedServer, {do: 'retry', which: [b]});
  nowMs += 2 * day;
  assert.deepEqual(namesIn(openStore(t, file, () => nowMs)), ['a', 'b']);
});

test('other processes see in the database who works on a queue, and nobody on another', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  store.worksOn(storedServer);
  assert.equal(store.workerOf('other:1'), undefined);
  const [a = 0] = addNames(store, ['a']);
  const [other = 0] = store.add('other:1', [newTransfer('x')]).map(({id}) => id);
  become(store, [a, other], {name: 'downloading'});
  const db = new DatabaseSync(file);
  db.exec("UPDATE worker SET host = 'lab', pid = 7");
  db.close();
  assert.deepEqual(openStore(t, file).workerOf(storedServer), {host: 'lab', pid: 7});
  store.worksOn(storedServer);
  // What another process runs for its own server goes on.
  assert.deepEqual(
    store.read([a, other]).map(({state}) => state),
    [{name: 'queued', begun: true}, {name: 'downloading'}],
  );
});
