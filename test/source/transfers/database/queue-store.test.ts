import assert from 'node:assert/strict';
import {readdirSync, rmSync} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {nameFromBytes} from '../../../../protocol/remote-path.ts';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import type {StoredTransfer} from '../../../../source/transfers/database/stored-transfer.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {startProcess} from '../../../fixtures/queue/store-process.ts';
import {
  addNames,
  become,
  namesIn,
  newTransfer,
  openStore,
  savedAs,
  statesIn,
  storedServer,
} from '../../../fixtures/queue/stored-queue.ts';

test('added transfers are there after a restart, in order, whatever bytes their names have', t => {
  const file = join(temporaryFolder(t), 'deep/queue.db');
  const names = ['b', 'a/ç 🎣', nameFromBytes(Buffer.from('caf\xe9', 'latin1')), 'line\nend'];
  const first = new QueueStore(file);
  const ids = addNames(first, names);
  first[Symbol.dispose]();
  const store = openStore(t, file);
  const rows = store.load(storedServer);
  assert.deepEqual(
    rows.map(row => [row.id, row.transfer, row.state]),
    names.map((name, index) => [ids[index], newTransfer(name), {name: 'queued'}]),
  );
  assert.deepEqual(store.servers(), [storedServer]);
  assert.deepEqual(store.load('other:1'), []);
});

test('a transfer is read back as its worker wrote it', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const [a = 0] = addNames(store, ['a', 'b']);
  const saved = {
    id: a,
    state: {name: 'checking', checkedBytes: 1, totalBytes: 9},
    position: 7.5,
    priority: 'low',
    size: 9,
    version: 'v3',
    name: 'a (1)',
    bytesPerSecond: 12,
    receivedBytes: 8,
    verifiedBytes: 6,
    reusedBytes: 4,
    copiedBytes: 2,
    blocks: '2g1m',
  } as const;
  store.save({transfers: [saved]});
  const {seq} = store;
  const other = openStore(t, file);
  const [row] = other.read([a]);
  const {size, ...rest} = saved;
  assert.deepEqual(row, {
    ...rest,
    transfer: {...newTransfer('a'), size},
    removed: false,
    seq,
  });
});

test('a reader gets the changes of a server after a given number, including cleared rows', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const worker = openStore(t, file);
  const other = openStore(t, file);
  const [a = 0, b = 0, c = 0] = addNames(worker, ['a', 'b', 'c']);
  const {seq, dataVersion} = other;
  assert.equal(other.dataVersion, dataVersion);
  worker.save({transfers: [savedAs(worker, a, {name: 'downloading'})], removed: [c]});
  worker.add('other:1', [newTransfer('x')]);
  assert.notEqual(other.dataVersion, dataVersion);
  assert.deepEqual(
    other.changedSince(storedServer, seq).map(({id, removed, state}) => [id, removed, state.name]),
    [
      [a, false, 'downloading'],
      [c, true, 'canceled'],
    ],
  );
  assert.deepEqual(
    other.read([a, b, c]).map(({id}) => id),
    [a, b],
  );
  // A cleared row is not written again.
  const [cleared] = worker.changedSince(storedServer, seq).filter(({removed}) => removed);
  assert.ok(cleared !== undefined);
  worker.save({transfers: [{...cleared, size: 5, state: {name: 'queued'}}]});
  assert.deepEqual(other.read([c]), []);
});

test('transfers, removals and carried-out wishes are written together or not at all', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const [a = 0, b = 0] = addNames(store, ['a', 'b']);
  const wish = store.wishes.make(storedServer, {do: 'pause', which: 'all'});
  const bad = {...savedAs(store, b, {name: 'paused'}), position: Number.NaN};
  assert.throws(() =>
    store.save({
      transfers: [savedAs(store, a, {name: 'paused'}), bad],
      removed: [a],
      carriedOut: new Map([[wish, {ids: [a]}]]),
    }),
  );
  assert.deepEqual(
    [statesIn(store), store.wishes.answerOf(wish)],
    [['queued', 'queued'], undefined],
  );
  store.save({
    transfers: [savedAs(store, a, {name: 'paused'})],
    carriedOut: new Map([[wish, {ids: [a]}]]),
  });
  assert.deepEqual(
    [statesIn(store), store.wishes.answerOf(wish)],
    [['paused', 'queued'], {ids: [a]}],
  );
});

test('transfers are ordered by priority, then by position, however many are read at once', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const ids = addNames(store, ['a', 'b', 'c', 'd', 'e', 'f']);
  const [, b = 0, c = 0, , e = 0] = ids;
  const [g = 0] = store
    .add(storedServer, [{...newTransfer('g'), priority: 'high'}])
    .map(({id}) => id);
  const place = (id: number, change: {position?: number; priority?: 'high' | 'low'}) => {
    store.save({transfers: [{...savedAs(store, id, {name: 'queued'}), ...change}]});
  };
  place(e, {priority: 'high'});
  place(b, {priority: 'low'});
  // Transfers with equal positions are ordered by their ids.
  place(c, {position: 4});
  place(g, {position: 5});
  const names = (rows: readonly StoredTransfer[]) =>
    rows.map(row => row.transfer.remotePath).join('');
  for (const limit of [1, 2, 3, 100]) {
    const read: StoredTransfer[] = [];
    let slice: StoredTransfer[];
    do {
      slice = store.load(storedServer, read.at(-1), limit);
      read.push(...slice);
    } while (slice.length > 0);
    assert.equal(names(read), 'egacdfb', `${limit} at once`);
  }

  assert.deepEqual(
    store.idsIn(['queued']),
    store.load(storedServer).map(({id}) => id),
  );
  assert.deepEqual(
    store.load(storedServer).map(({priority}) => priority),
    ['high', 'high', 'normal', 'normal', 'normal', 'normal', 'low'],
  );
});

test('transfers are counted by state, and those that wait for disk space separately', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = addNames(store, ['a', 'b', 'c', 'd', 'e', 'f']);
  store.add('other:1', [newTransfer('x')]);
  become(store, [a], {name: 'finishing'});
  become(store, [b], {name: 'paused'});
  become(store, [c], {name: 'paused', noRoom: 'full'});
  store.save({removed: [d]});
  assert.deepEqual(
    store
      .count(storedServer)
      .map(one => JSON.stringify(one))
      .sort(),
    [
      {state: 'paused', waitsForRoom: false, count: 1, lastId: b, bytes: 5},
      {state: 'paused', waitsForRoom: true, count: 1, lastId: c, bytes: 5},
      {state: 'queued', waitsForRoom: false, count: 2, lastId: e + 1, bytes: 10},
      {state: 'running', waitsForRoom: false, count: 1, lastId: a, bytes: 5},
    ].map(one => JSON.stringify({...one, hereBytes: 0, leftBytes: one.bytes, unsized: 0})),
  );
  assert.deepEqual(
    [...store.byServer([a, d, e + 2])],
    [
      [storedServer, [a]],
      ['other:1', [e + 2]],
    ],
  );
  assert.deepEqual([store.idsIn(['paused']), store.idsIn(['paused'], 'other:1')], [[b, c], []]);
  assert.deepEqual(store.read([a], 'other:1'), []);
});

test('the rest of each server is summed up, a part of a long queue at a time', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const names = Array.from({length: 12_000}, (_, index) => `f${index}`);
  const ids = addNames(store, names);
  const [other = 0, done = 0] = store
    .add('other:1', [newTransfer('x'), newTransfer('y')])
    .map(({id}) => id);
  become(store, ids.slice(0, 1), {name: 'downloading'});
  become(store, ids.slice(1, 3), {name: 'paused'});
  become(store, ids.slice(3, 4), {name: 'failed', code: 'changed', reason: 'x'});
  become(store, [done], {name: 'done', outcome: 'verified'});
  store.save({removed: [ids[4] ?? 0]});
  const reading = store.left();
  let steps = 0;
  let step = reading.next();
  while (step.done !== true) {
    steps++;
    step = reading.next();
  }

  assert.equal(steps, 2);
  assert.deepEqual(step.value, [
    {server: storedServer, waiting: 11_996, paused: 2, failed: 1, bytes: 11_998 * 5},
    {server: 'other:1', waiting: 1, paused: 0, failed: 0, bytes: 5},
  ]);
  assert.ok(other > 12_000);
});

test('a server has work while a transfer is queued, runs or waits for disk space', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const ids = addNames(store, ['a']);
  assert.equal(store.hasWork('other:1'), false);
  for (const [state, hasWork] of [
    [{name: 'queued'}, true],
    [{name: 'downloading'}, true],
    [{name: 'paused', noRoom: 'full'}, true],
    [{name: 'paused'}, false],
    [{name: 'canceled'}, false],
    [{name: 'done', outcome: 'verified'}, false],
  ] as const) {
    become(store, ids, state);
    assert.equal(store.hasWork(storedServer), hasWork, state.name);
  }

  assert.deepEqual(store.servers(), []);
  assert.deepEqual(store.servers({settled: true}), [storedServer]);
});

test('one process has the lease of a server, and a transfer that the last one left running is queued then', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const [a = 0, b = 0] = addNames(store, ['a', 'b']);
  const worker = startProcess(
    t,
    `const store = new QueueStore(${JSON.stringify(file)});
    globalThis.lease = store.lease('${storedServer}');
    say(lease.take());
    store.worksOn('${storedServer}');
    const [row] = store.read([${a}]);
    store.save({transfers: [{...row, state: {name: 'finishing'}, receivedBytes: 4}]});
    say('works');
    stay();`,
  );
  await worker.hears(1);
  using lease = store.lease(storedServer);
  using another = store.lease('other:1');
  assert.deepEqual([lease.take(), another.take()], [false, true]);
  assert.deepEqual(store.workerOf(storedServer), {host: hostname(), pid: worker.pid});
  assert.deepEqual(statesIn(store), ['finishing', 'queued']);
  await worker.kill('SIGSTOP');
  assert.equal(lease.take(), false);
  await worker.kill('SIGKILL');
  assert.equal(lease.take(), true);
  become(store, [b], {name: 'paused'});
  const {seq} = store;
  store.worksOn(storedServer);
  assert.deepEqual(store.workerOf(storedServer), {host: hostname(), pid: process.pid});
  assert.deepEqual(statesIn(store), ['queued', 'paused']);
  assert.deepEqual(
    store.changedSince(storedServer, seq).map(row => [row.id, row.receivedBytes]),
    [[a, 4]],
  );
});

test('settled transfers are kept as history, pruned by age', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  let nowMs = Date.now();
  const first = openStore(t, file, () => nowMs);
  const [a = 0, b = 0, c = 0] = addNames(first, ['a', 'b', 'c', 'd']);
  const failed = {name: 'failed', code: 'not_found', reason: 'gone'} as const;
  become(first, [a], {name: 'done', outcome: 'verified'});
  become(first, [b], failed);
  first.save({removed: [c]});
  nowMs += 29 * 24 * 3_600_000;
  const second = openStore(t, file, () => nowMs);
  assert.deepEqual(
    second.load(storedServer).map(({state}) => state),
    [{name: 'done', outcome: 'verified'}, failed, {name: 'queued'}],
  );
  nowMs += 2 * 24 * 3_600_000;
  const third = openStore(t, file, () => nowMs);
  assert.deepEqual(namesIn(third), ['d']);
  assert.deepEqual(
    third.changedSince(storedServer, 0).map(({transfer}) => transfer.remotePath),
    ['d'],
  );
});

test('a failed transfer stays for another attempt, however many finish after it', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  let nowMs = Date.now();
  const first = openStore(t, file, () => nowMs);
  const [failed = 0, ...done] = addNames(
    first,
    Array.from({length: 10_003}, (_, index) => `file ${index}`),
  );
  become(first, [failed], {name: 'failed', code: 'not_found', reason: 'gone'});
  nowMs += 1000;
  become(first, done, {name: 'done', outcome: 'verified'});
  const second = openStore(t, file, () => nowMs);
  assert.deepEqual(second.idsIn(['failed']), [failed]);
  assert.equal(second.idsIn(['done']).length, 10_000);
});

test('companions learn of all cleared transfers, however many they are, even if another process opens the queue in between', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  let nowMs = Date.now();
  const worker = openStore(t, file, () => nowMs);
  const ids = addNames(
    worker,
    Array.from({length: 10_003}, (_, index) => `file ${index}`),
  );
  const {seq} = worker;
  worker.save({removed: ids});
  openStore(t, file, () => nowMs);
  assert.equal(worker.changedSince(storedServer, seq).length, 10_003);
  nowMs += 25 * 3_600_000;
  openStore(t, file, () => nowMs);
  assert.equal(worker.changedSince(storedServer, seq).length, 0);
});

test('the history of a queue is not pruned while a process works on the queue and shows it', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  let nowMs = Date.now();
  const worker = openStore(t, file, () => nowMs);
  become(worker, addNames(worker, ['a', 'b']), {name: 'done', outcome: 'verified'});
  nowMs += 31 * 24 * 3_600_000;
  using lease = worker.lease(storedServer);
  lease.take();
  assert.deepEqual(namesIn(openStore(t, file, () => nowMs)), ['a', 'b']);
  lease[Symbol.dispose]();
  assert.deepEqual(namesIn(openStore(t, file, () => nowMs)), []);
});

test('opening a store takes no lease if there is nothing to prune', t => {
  const folder = temporaryFolder(t);
  const first = openStore(t, join(folder, 'queue.db'));
  become(first, addNames(first, ['a', 'b']).slice(1), {name: 'done', outcome: 'verified'});
  openStore(t, join(folder, 'queue.db'));
  assert.deepEqual(
    readdirSync(folder).filter(name => !name.startsWith('queue.db')),
    [],
  );
});

test('a store knows whether its file is still in its place', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  assert.equal(store.isThere, true);
  rmSync(file);
  assert.equal(store.isThere, false);
  openStore(t, file);
  assert.equal(store.isThere, false);
});
