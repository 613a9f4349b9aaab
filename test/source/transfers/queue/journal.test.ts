import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {parseAddress} from '../../../../protocol/address.ts';
import {blockSize} from '../../../../protocol/block.ts';
import {Client} from '../../../../source/client/client.ts';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import {Journal} from '../../../../source/transfers/queue/journal.ts';
import {Queue} from '../../../../source/transfers/queue/queue.ts';
import {rowAfter} from '../../../../source/transfers/queue/rows/row.ts';
import {Rows} from '../../../../source/transfers/queue/rows/rows.ts';
import {noise, temporaryFolder, treeOf, until} from '../../../fixtures/harness.ts';
import {startPlace, states} from '../../../fixtures/queue/shared-place.ts';
import {newTransfer, openStore, storedServer} from '../../../fixtures/queue/stored-queue.ts';

test('files that take a moment each cost the database a few writes a second, not some for each file', async t => {
  const place = await startPlace(t);
  const names = Array.from({length: 300}, (_, index) => `f${index}`);
  for (const name of names) {
    writeFileSync(join(place.root, name), name);
  }

  const {queue, store} = place.open();
  // The sizes are not known beforehand, so each file is a transfer of its own.
  queue.add(names.map(place.transfer));
  const before = store.seq;
  const startedAt = performance.now();
  await queue.idle();
  const seconds = (performance.now() - startedAt) / 1000;
  assert.equal(queue.snapshot().done, names.length);
  const writes = store.seq - before;
  assert.ok(writes < 60 + 12 * seconds, `${writes} writes in ${seconds} s`);
});

test('requests of the user are in the database at once, even right after another write', async t => {
  const place = await startPlace(t);
  const {queue, store} = place.open();
  const ids = queue.add(['a', 'b'].map(place.transfer));
  const inDatabase = () => store.read(ids).map(({state}) => state.name);
  // Without a wait, because these files do not exist and would fail.
  for (const [ask, name] of [
    [() => ids.map(id => queue.pause(id)), 'paused'],
    [() => ids.map(id => queue.cancel(id)), 'canceled'],
  ] as const) {
    const before = store.seq;
    ask();
    // Sooner than the next regular write, which is half a second away.
    await delay(100);
    assert.deepEqual(inDatabase(), [name, name]);
    assert.ok(store.seq <= before + 2, 'one write of all');
  }
});

test('a locked database delays no download, and transfers that are added meanwhile are stored later', async t => {
  const place = await startPlace(t, 8 * blockSize);
  for (const name of ['a', 'b', 'later']) {
    writeFileSync(join(place.root, name), noise(5 * blockSize, name.length));
  }

  const one = place.open();
  const [id = 0] = one.queue.add([place.transfer('a')]);
  await until(() => (one.queue.transfer(id)?.verifiedBytes ?? 0) > 0);
  const holder = new DatabaseSync(place.database);
  holder.exec('BEGIN EXCLUSIVE');
  const [added = 0] = one.queue.add([place.transfer('b')]);
  await until(() => one.queue.transfer(id)?.state.name === 'done');
  assert.equal(one.queue.transfer(added)?.state.name, 'connecting');
  holder.exec('COMMIT');
  holder.close();
  one.queue.add([place.transfer('later')]);
  await until(() => states(one.queue).every(name => name === 'done'));
  assert.deepEqual(treeOf(place.target), treeOf(place.root));
});

test('an added transfer that cannot be written is stored as soon as possible', async t => {
  const place = await startPlace(t, 4 * blockSize);
  // On a busy machine the queue may be closed before any transfer has made it.
  mkdirSync(place.target, {recursive: true});
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
    writeFileSync(join(place.root, name), noise(3 * blockSize, name.charCodeAt(0)));
  }

  const one = place.open();
  const holder = new DatabaseSync(place.database);
  holder.exec('BEGIN EXCLUSIVE');
  one.queue.add(['a', 'b', 'c', 'd', 'e', 'f'].map(place.transfer));
  assert.equal(one.queue.isKept, false);
  holder.exec('COMMIT');
  holder.close();
  using other = new QueueStore(place.database);
  const server = `127.0.0.1:${parseAddress(place.server.address).port}`;
  // Transfers that already run by then are not stored as queued.
  await until(() => other.load(server).length >= 2);
  await one.close();
  const left = treeOf(place.target);
  const two = place.open();
  await until(() => two.queue.snapshot().rows.length > 0);
  await two.queue.idle();
  assert.ok(states(two.queue).every(name => name === 'done'));
  assert.ok(treeOf(place.target).size >= left.size);
});

test('older rows of the database do not undo a decision of the worker', async t => {
  const place = await startPlace(t, blockSize);
  writeFileSync(join(place.root, 'a'), noise(20 * blockSize));
  const {queue, store} = place.open();
  const [id = 0] = queue.add([place.transfer('a')]);
  queue.pause(id);
  await until(() => store.idsIn(['paused']).length === 1);
  const holder = new DatabaseSync(place.database);
  t.after(() => holder.close());
  // Another process adds a transfer, so that the worker also reads the changed row.
  using other = new QueueStore(place.database);
  holder.exec('BEGIN EXCLUSIVE');
  queue.resume(id);
  holder.exec('COMMIT');
  const server = `127.0.0.1:${parseAddress(place.server.address).port}`;
  const [added] = other.add(server, [place.transfer('b')]);
  await until(() => queue.transfer(added?.id ?? 0)?.state.name === 'failed');
  await until(() => queue.transfer(id)?.state.name === 'downloading');
  await until(() => store.idsIn(['running']).length === 1);
});

test('changes of another client are read later if they cannot be read at once', async t => {
  const place = await startPlace(t);
  const {queue, store} = place.open();
  const holder = new DatabaseSync(place.database);
  t.after(() => holder.close());
  using other = new QueueStore(place.database);
  const before = store.dataVersion;
  const [added] = other.add(`127.0.0.1:${parseAddress(place.server.address).port}`, [
    place.transfer('a'),
  ]);
  holder.exec('ALTER TABLE transfer RENAME TO elsewhere');
  const goneUntilMs = performance.now() + 1500;
  await until(() => performance.now() > goneUntilMs);
  assert.notEqual(store.dataVersion, before);
  holder.exec('ALTER TABLE elsewhere RENAME TO transfer');
  await until(() => queue.transfer(added?.id ?? 0) !== undefined);
});

test('priorities, moves, limits and clearing are stored even if another process locks the database meanwhile', async t => {
  const place = await startPlace(t);
  const {queue, close} = place.open();
  const [a = 0, b = 0, c = 0, d = 0] = queue.add(['a', 'b', 'c', 'd'].map(place.transfer));
  for (const id of [a, b, c, d]) {
    queue.pause(id);
  }

  queue.cancel(d);
  const holder = new DatabaseSync(place.database);
  holder.exec('BEGIN EXCLUSIVE');
  queue.setPriority(c, 'high');
  queue.move(b, -1);
  queue.limits = {...queue.limits, files: 7};
  queue.clearSettled();
  holder.exec('COMMIT');
  holder.close();
  await close();
  const next = place.open();
  assert.deepEqual(
    next.queue.slice(0).map(row => `${row.remotePath} ${row.priority}`),
    ['c high', 'b normal', 'a normal'],
  );
  assert.equal(next.queue.limits.files, 7);
});

test('10,000 small files are fetched without a write to the database for each', async t => {
  const place = await startPlace(t);
  const names = Array.from({length: 10_000}, (_, index) => `f${index}`);
  for (const name of names) {
    writeFileSync(join(place.root, name), name);
  }

  using store = new QueueStore(place.database);
  await using client = new Client(parseAddress(place.server.address));
  await using queue = new Queue({client, locks: store});
  using watching = new DatabaseSync(place.database);
  const pages = () => Number(watching.prepare('PRAGMA data_version').get()?.data_version);
  const before = pages();
  queue.add(names.map(name => ({...place.transfer(name), size: name.length})));
  await queue.idle();
  assert.equal(queue.totals().done, names.length);
  // One row names the folder for small files, the other one this process.
  assert.ok(pages() - before <= 4, `${pages() - before} changes`);
});

test('all changed transfers are written at the end, however many they are', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const rows = new Rows();
  const journal = new Journal(rows, store, storedServer);
  const names = Array.from({length: 12_000}, (_, index) => `f${index}`);
  const paused = journal.add(names.map(newTransfer)).map(row => rowAfter(row, {type: 'pause'}));
  rows.put(paused);
  for (const row of paused) {
    journal.changed(row);
  }

  journal.close();
  assert.equal(store.idsIn(['paused']).length, names.length);
});

test('a journal without changes writes nothing', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const save = t.mock.method(store, 'save');
  const journal = new Journal(new Rows(), store, storedServer);
  assert.ok(journal.write());
  journal.close();
  assert.equal(save.mock.callCount(), 0);
});

test('a transfer that was just cleared does not come back with changes of other processes', async t => {
  const place = await startPlace(t);
  const {queue, store} = place.open();
  await queue.idle();
  const [id = 0] = queue.add([place.transfer('a')]);
  queue.cancel(id);
  await until(() => store.idsIn(['canceled']).length === 1);
  using other = new QueueStore(place.database);
  const {host, port} = parseAddress(place.server.address);
  queue.clearSettled();
  const [added] = other.add(`${host}:${port}`, [place.transfer('b')]);
  // The queue reads changes at once, before it has written that the row is cleared.
  const idle = queue.idle();
  assert.notEqual(queue.transfer(added?.id ?? 0), undefined);
  assert.equal(queue.transfer(id), undefined);
  await idle;
  await until(() => store.idsIn(['canceled']).length === 0);
  assert.equal(queue.transfer(id), undefined);
});
