import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {hostname} from 'node:os';
import {dirname, join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../../../protocol/address.ts';
import {blockSize} from '../../../../protocol/block.ts';
import {type RunningServer, startServer} from '../../../../server/server.ts';
import {Client} from '../../../../source/client/client.ts';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import {type NewTransfer, Queue} from '../../../../source/transfers/queue/queue.ts';
import type {TransferState} from '../../../../source/transfers/terms/transfer-state.ts';
import {noise, path, temporaryFolder, treeOf, until} from '../../../fixtures/harness.ts';
import {openQueueClient, type QueueClient} from '../../../fixtures/queue/queue-client.ts';
import {saveAs} from '../../../fixtures/queue/stored.ts';

type Place = {
  root: string;
  target: string;
  server: RunningServer;
  database: string;
  /** A client of its own with the shared queue, as another process would have it. */
  open(options?: {checksums?: boolean}): QueueClient;
  transfer(name: string): NewTransfer;
};

async function startPlace(t: TestContext, limit?: number): Promise<Place> {
  const folder = temporaryFolder(t);
  const root = join(folder, 'root');
  const target = join(folder, 'target');
  const database = join(folder, 'state/queue.db');
  mkdirSync(root);
  const server = await startServer({root, port: 0, ...(limit === undefined ? {} : {limit})});
  t.after(() => server.close({graceMs: 0}));
  return {
    root,
    target,
    server,
    database,
    open: options => openQueueClient(t, database, server.address, {retries: 3, ...options}),
    transfer: name => ({
      remotePath: path(name),
      folder: target,
      localPath: name,
      onConflict: 'resume',
    }),
  };
}

const states = (queue: Queue) => queue.snapshot().rows.map(row => row.state.name);

test('a queue goes on where it was left, and remembers what it has done', async t => {
  const place = await startPlace(t, 12 * blockSize);
  writeFileSync(join(place.root, 'a'), 'aaa');
  writeFileSync(join(place.root, 'b'), noise(32 * blockSize));
  const first = place.open();
  first.queue.add([place.transfer('a'), place.transfer('b')]);
  await until(() => (first.queue.snapshot().rows[1]?.verifiedBytes ?? 0) >= 2 * blockSize);
  await until(() => states(first.queue)[0] === 'done');
  await first.close();
  const kept = statSync(join(place.target, 'b.jangada-part')).size;
  assert.ok(kept >= 2 * blockSize);
  const second = place.open();
  assert.deepEqual(states(second.queue), ['done', 'queued']);
  await second.queue.idle();
  assert.deepEqual(states(second.queue), ['done', 'done']);
  assert.ok((second.queue.snapshot().rows[1]?.reusedBytes ?? 0) >= 2 * blockSize);
  assert.deepEqual(treeOf(place.target), treeOf(place.root));
});

test('what is added while a long queue is read is not counted twice', async t => {
  const place = await startPlace(t);
  const {host, port} = parseAddress(place.server.address);
  const other = new QueueStore(place.database);
  t.after(() => other[Symbol.dispose]());
  const add = (names: readonly string[]) => {
    const ids = other.add(`${host}:${port}`, names.map(place.transfer)).map(({id}) => id);
    other.orders.carryOut(`${host}:${port}`, {do: 'pause', which: ids});
  };
  add(Array.from({length: 1000}, (_, index) => `f${index}`));
  const {queue} = place.open();
  assert.ok(queue.size < 1000, `${queue.size} are read`);
  add(['later']);
  const totals = new Set<number>();
  await until(() => {
    totals.add(queue.totals().total);
    return queue.size === 1001;
  });
  assert.deepEqual([...totals].sort(), [1000, 1001]);
});

test('files that take a moment each cost the database a few writes a second, not some each', async t => {
  const place = await startPlace(t);
  const names = Array.from({length: 300}, (_, index) => `f${index}`);
  for (const name of names) {
    writeFileSync(join(place.root, name), name);
  }

  const {queue, store} = place.open();
  // Their sizes are not known beforehand, so that none goes together with others.
  queue.add(names.map(place.transfer));
  const before = store.seq;
  const startedAt = performance.now();
  await queue.idle();
  const seconds = (performance.now() - startedAt) / 1000;
  assert.equal(queue.snapshot().done, names.length);
  const writes = store.seq - before;
  assert.ok(writes < 60 + 12 * seconds, `${writes} writes in ${seconds} s`);
});

test('what is done keeps its checksum, though others write to the database', async t => {
  const place = await startPlace(t);
  const names = Array.from({length: 900}, (_, index) => `f${index}`);
  for (const name of names) {
    writeFileSync(join(place.root, name), name);
  }

  const {queue, close} = place.open({checksums: true});
  using other = new QueueStore(place.database);
  queue.add(names.map(name => ({...place.transfer(name), size: name.length})));
  await until(() => queue.snapshot().done === names.length);
  other.places.hold(['/elsewhere']);
  // Rows of another client appear when it has been read what was written meanwhile.
  const [added] = other.add(`127.0.0.1:${parseAddress(place.server.address).port}`, [
    place.transfer('not there'),
  ]);
  await until(() => queue.transfer(added?.id ?? 0)?.state.name === 'failed');
  for (const {state} of queue.snapshot().rows.slice(0, names.length)) {
    assert.match((state.name === 'done' && state.sha256) || '', /^[\da-f]{64}$/);
  }

  await close();
});

test('a folder under two names is one place: the second transfer is refused, and the lock stays', async t => {
  const place = await startPlace(t, 4 * blockSize);
  writeFileSync(join(place.root, 'a'), noise(6 * blockSize));
  mkdirSync(place.target);
  const alias = `${place.target}-alias`;
  symlinkSync(place.target, alias);
  using locks = new QueueStore(place.database);
  using other = new QueueStore(place.database);
  await using client = new Client(parseAddress(place.server.address));
  await using queue = new Queue({client, locks});
  const [id = 0] = queue.add([place.transfer('a')]);
  await until(() => (queue.transfer(id)?.verifiedBytes ?? 0) > 0);
  const [second = 0] = queue.add([{...place.transfer('a'), folder: alias}]);
  await until(() => queue.transfer(second)?.state.name === 'failed');
  assert.equal(other.places.hold([join(place.target, 'a')]).size, 1);
  await queue.idle();
  assert.equal(queue.transfer(id)?.state.name, 'done');
  assert.deepEqual(treeOf(place.target), treeOf(place.root));
});

test('a database that somebody holds holds up no download, and what was added meanwhile is kept', async t => {
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

test('what could not be written when it was added is kept as soon as it can be', async t => {
  const place = await startPlace(t, 4 * blockSize);
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
  // Those that are worked on by then are not put back.
  await until(() => other.load(server).length >= 2);
  await one.close();
  const left = treeOf(place.target);
  const two = place.open();
  await until(() => two.queue.snapshot().rows.length > 0);
  await two.queue.idle();
  assert.ok(states(two.queue).every(name => name === 'done'));
  assert.ok(treeOf(place.target).size >= left.size);
});

test('a decision of the worker is not undone by what the database says meanwhile', async t => {
  const place = await startPlace(t, blockSize);
  writeFileSync(join(place.root, 'a'), noise(20 * blockSize));
  const {queue, store} = place.open();
  const [id = 0] = queue.add([place.transfer('a')]);
  queue.pause(id);
  await until(() => store.idsIn(['paused']).length === 1);
  const holder = new DatabaseSync(place.database);
  t.after(() => holder.close());
  // Another process adds one: the worker reads the row that changed since, too.
  using other = new QueueStore(place.database);
  holder.exec('BEGIN EXCLUSIVE');
  queue.resume(id);
  holder.exec('COMMIT');
  const server = `127.0.0.1:${parseAddress(place.server.address).port}`;
  const [added] = other.add(server, [place.transfer('b')]);
  await until(() => queue.transfer(added?.id ?? 0)?.state.name === 'failed');
  assert.equal(queue.transfer(id)?.state.name, 'downloading');
  await until(() => store.idsIn(['running']).length === 1);
});

test('what another client wrote is read later if it cannot be read at once', async t => {
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

test('what ends while somebody holds the database does not stay locked', async t => {
  const place = await startPlace(t, 4 * blockSize);
  writeFileSync(join(place.root, 'a'), noise(3 * blockSize));
  const {queue} = place.open();
  const [id = 0] = queue.add([place.transfer('a')]);
  await until(() => (queue.transfer(id)?.verifiedBytes ?? 0) > 0);
  using other = new QueueStore(place.database);
  const holder = new DatabaseSync(place.database);
  t.after(() => holder.close());
  holder.exec('BEGIN EXCLUSIVE');
  await queue.idle();
  holder.exec('COMMIT');
  assert.equal(queue.transfer(id)?.state.name, 'done');
  await until(() => other.places.hold([join(place.target, 'a')]).size === 0);
});

test('a queue whose database has been removed does not claim to be kept', async t => {
  const place = await startPlace(t);
  const one = place.open();
  assert.equal(one.queue.isKept, true);
  renameSync(place.database, `${place.database}.aside`);
  assert.equal(one.queue.isKept, false);
});

test('a moved and a cleared transfer are so in the next client too', async t => {
  const place = await startPlace(t);
  for (const name of ['a', 'b', 'c']) {
    writeFileSync(join(place.root, name), name);
  }

  const first = place.open();
  const ids = first.queue.add(['a', 'b', 'c'].map(place.transfer));
  for (const id of ids) {
    first.queue.pause(id);
  }

  first.queue.move(ids[2] ?? 0, -2);
  first.queue.resume(ids[0] ?? 0);
  await first.queue.idle();
  first.queue.clearSettled();
  await first.close();
  const second = place.open();
  assert.deepEqual(
    second.queue.snapshot().rows.map(row => [row.remotePath, row.state.name]),
    [
      ['c', 'paused'],
      ['b', 'paused'],
    ],
  );
  assert.equal(readFileSync(join(place.target, 'a'), 'utf8'), 'a');
});

test('a database that is cut in half is put aside and said so, and partials go on without it', async t => {
  const place = await startPlace(t, 12 * blockSize);
  writeFileSync(join(place.root, 'a'), noise(9 * blockSize));
  const first = place.open();
  const [id = 0] = first.queue.add([place.transfer('a')]);
  first.queue.add(Array.from({length: 2000}, (_, index) => place.transfer(`not there ${index}`)));
  await until(() => (first.queue.transfer(id)?.verifiedBytes ?? 0) >= 3 * blockSize);
  await first.close();
  truncateSync(place.database, statSync(place.database).size / 2);
  const second = place.open();
  assert.match(second.store.notice ?? '', /damaged.*kept as .*queue\.db\.damaged-/);
  assert.equal(second.queue.snapshot().rows.length, 0);
  assert.equal(readdirSync(dirname(place.database)).filter(isPutAside).length, 1);
  const [again = 0] = second.queue.add([place.transfer('a')]);
  await second.queue.idle();
  const row = second.queue.transfer(again);
  assert.equal(row?.state.name, 'done');
  assert.ok((row?.reusedBytes ?? 0) >= 3 * blockSize);
  assert.deepEqual(treeOf(place.target), treeOf(place.root));
});

const isPutAside = (name: string) => /^queue\.db\.damaged-[\dTZ-]+$/.test(name);

test('all of a long queue is counted from the first moment on, while it is read', async t => {
  const place = await startPlace(t);
  const {host, port} = parseAddress(place.server.address);
  const server = `${host}:${port}`;
  const other = new QueueStore(place.database);
  t.after(() => other[Symbol.dispose]());
  const addPaused = (names: readonly string[]) => {
    const ids = other.add(server, names.map(place.transfer)).map(({id}) => id);
    other.orders.carryOut(server, {do: 'pause', which: ids});
    return ids;
  };
  const ids = addPaused(Array.from({length: 2000}, (_, index) => `f${index}`));
  const having = (from: number, to: number, state: TransferState): void =>
    saveAs(other, ids.slice(from, to), state);
  having(100, 300, {name: 'done', outcome: 'verified'});
  having(300, 600, {name: 'failed', code: 'internal', reason: 'no'});
  having(600, 1000, {name: 'canceled'});
  // Running, as the worker says it: this is a companion.
  having(1000, 1500, {name: 'downloading'});
  using lease = other.lease(server);
  assert.equal(lease.take(), true);

  const {queue} = place.open();
  assert.ok(queue.size > 0 && queue.size < 2000, `${queue.size} are read`);
  const seen = new Set<string>();
  const look = () => {
    const {total, active, queued, waiting, failed, done} = queue.totals();
    seen.add(JSON.stringify({total, active, queued, waiting, failed, done}));
  };
  t.after(queue.subscribe(look));
  look();
  await until(() => queue.size === 2000);
  look();
  const counts = {active: 500, queued: 0, waiting: 0, failed: 300, done: 200};
  assert.deepEqual([...seen], [JSON.stringify({total: 2000, ...counts})]);
  assert.deepEqual(
    queue.slice(1998).map(({remotePath}) => remotePath),
    ['f1998', 'f1999'],
  );

  addPaused(['later']);
  await until(() => queue.size === 2001);
  assert.deepEqual({...queue.totals(), ...counts}, queue.totals());
  assert.equal(queue.totals().total, 2001);
});

test('one of two works; the other says which process that is, and shows what it does', async t => {
  const place = await startPlace(t, 4 * blockSize);
  writeFileSync(join(place.root, 'a'), noise(12 * blockSize));
  writeFileSync(join(place.root, 'b'), 'b');
  const worker = place.open();
  const companion = place.open();
  assert.equal(worker.queue.worker, undefined);
  assert.deepEqual(companion.queue.worker, {host: hostname(), pid: process.pid});
  const [a = 0, b = 0] = worker.queue.add([place.transfer('a'), place.transfer('b')]);
  const shown: number[] = [];
  t.after(
    companion.queue.subscribe(() => {
      shown.push(companion.queue.transfer(a)?.receivedBytes ?? 0);
    }),
  );
  await Promise.all([worker.queue.idle(), until(() => companion.queue.totals().done === 2)]);
  assert.equal(companion.queue.transfer(b)?.state.name, 'done');
  const steps = new Set(shown);
  assert.ok(steps.size > 4, `${[...steps]} were shown of a download of three seconds`);
  assert.deepEqual(
    shown,
    shown.toSorted((one, other) => one - other),
  );
  assert.deepEqual(treeOf(place.target), treeOf(place.root));
});

test('a companion that adds has its transfers fetched, and hears of what others add', async t => {
  const place = await startPlace(t);
  const names = Array.from({length: 60}, (_, index) => `f${index}`);
  for (const [index, name] of names.entries()) {
    writeFileSync(join(place.root, name), noise(index % 5 === 0 ? 3 * blockSize : 4000, index + 1));
  }

  const worker = place.open();
  const companion = place.open();
  companion.queue.add(names.slice(0, 30).map(place.transfer));
  worker.queue.add(names.slice(30).map(place.transfer));
  assert.equal(companion.queue.isIdle, false);
  await companion.queue.idle();
  await until(() => [worker, companion].every(({queue}) => queue.totals().done === 60));
  assert.deepEqual(treeOf(place.target), treeOf(place.root));
});

test('everything that a companion asks for, the worker does', async t => {
  const place = await startPlace(t, 4 * blockSize);
  for (const name of ['a', 'b', 'c', 'd']) {
    writeFileSync(join(place.root, name), noise(30 * blockSize));
  }

  const {queue} = place.open();
  queue.limits = {...queue.limits, files: 1};
  const [a = 0, b = 0, c = 0, d = 0] = queue.add(['a', 'b', 'c', 'd'].map(place.transfer));
  await until(() => (queue.transfer(a)?.verifiedBytes ?? 0) >= blockSize);
  const companion = place.open().queue;
  await until(() => companion.transfer(a)?.state.name === 'downloading');
  companion.pause(a);
  await until(() => queue.transfer(a)?.state.name === 'paused');
  await until(() => companion.transfer(a)?.state.name === 'paused');
  companion.cancel(b, {deletePartial: true});
  await until(() => queue.transfer(b)?.state.name === 'canceled');
  await until(() => !existsSync(join(place.target, 'b.jangada-part')));
  companion.setPriority(d, 'high');
  await until(() => queue.transfer(d)?.priority === 'high');
  companion.pause(c);
  companion.pause(d);
  await until(() => queue.totals().active === 0 && companion.totals().active === 0);
  companion.retry(b);
  companion.pause(b);
  await until(() => companion.transfer(b)?.state.name === 'paused');
  assert.equal(companion.move(c, -2), true);
  for (const one of [queue, companion]) {
    const order = () => one.slice(0).map(row => row.remotePath);
    await until(() => order().join('') === 'dcab');
  }

  assert.equal(companion.move(c, -1), false);
  companion.limits = {...companion.limits, files: 3};
  await until(() => queue.limits.files === 3);
  companion.cancel(a);
  await until(() => companion.transfer(a)?.state.name === 'canceled');
  companion.clearSettled();
  await until(() => queue.size === 3 && companion.size === 3);
  companion.resume(d);
  await until(() => queue.transfer(d)?.state.name === 'downloading');
});

test('a companion takes over when the worker ends, and does what was asked of that one', async t => {
  const place = await startPlace(t, 6 * blockSize);
  writeFileSync(join(place.root, 'a'), noise(8 * blockSize));
  writeFileSync(join(place.root, 'b'), 'b');
  const worker = place.open();
  const companion = place.open();
  const [a = 0, b = 0] = worker.queue.add([place.transfer('a'), place.transfer('b')]);
  await until(() => (companion.queue.transfer(a)?.verifiedBytes ?? 0) >= blockSize);
  await until(() => companion.queue.transfer(b)?.state.name === 'done');
  await worker.close();
  await until(() => companion.queue.worker === undefined);
  await companion.queue.idle();
  assert.equal(companion.queue.transfer(a)?.state.name, 'done');
  assert.ok((companion.queue.transfer(a)?.reusedBytes ?? 0) >= blockSize);
  assert.deepEqual(treeOf(place.target), treeOf(place.root));
});

test('a wish that the worker has not carried out is carried out by the one that takes over', async t => {
  const place = await startPlace(t, blockSize);
  writeFileSync(join(place.root, 'a'), noise(8 * blockSize));
  const worker = place.open();
  const [id = 0] = worker.queue.add([place.transfer('a')]);
  const companion = place.open();
  await until(() => companion.queue.transfer(id) !== undefined);
  const server = `127.0.0.1:${parseAddress(place.server.address).port}`;
  // In the moment in which the worker ends.
  const closed = worker.close();
  companion.store.wishes.make(server, {do: 'pause', which: [id]});
  await closed;
  await until(() => companion.queue.transfer(id)?.state.name === 'paused');
  assert.deepEqual(companion.store.wishes.open(server), []);
});

test('a wish that cannot be written says so, and is written when it can be', async t => {
  const place = await startPlace(t, 2 * blockSize);
  writeFileSync(join(place.root, 'a'), noise(20 * blockSize));
  const worker = place.open();
  const companion = place.open();
  const [id = 0] = worker.queue.add([place.transfer('a')]);
  await until(() => companion.queue.transfer(id)?.state.name === 'downloading');
  const holder = new DatabaseSync(place.database);
  t.after(() => holder.close());
  holder.exec('BEGIN EXCLUSIVE');
  companion.queue.pause(id);
  assert.equal(companion.queue.totals().unwritten, 1);
  assert.throws(() => companion.queue.add([place.transfer('b')]));
  holder.exec('COMMIT');
  await until(() => worker.queue.transfer(id)?.state.name === 'paused');
  assert.equal(companion.queue.totals().unwritten, 0);
});

test('a queue whose database cannot be read works alone, and leaves the lease to others', async t => {
  const place = await startPlace(t);
  const store = new QueueStore(place.database);
  const client = new Client(parseAddress(place.server.address));
  t.after(() => client[Symbol.asyncDispose]());
  store[Symbol.dispose]();
  const alone = new Queue({client, store});
  t.after(() => alone[Symbol.asyncDispose]());
  const other = new QueueStore(place.database);
  t.after(() => other[Symbol.dispose]());
  const {host, port} = parseAddress(place.server.address);
  assert.deepEqual([alone.isKept, other.isWorkedOn(`${host}:${port}`)], [false, false]);
});

test('a companion that takes over carries out what was written before what it could not write', async t => {
  const place = await startPlace(t);
  writeFileSync(join(place.root, 'a'), 'a');
  const store = new QueueStore(place.database);
  t.after(() => store[Symbol.dispose]());
  const {host, port} = parseAddress(place.server.address);
  const server = `${host}:${port}`;
  using lease = store.lease(server);
  lease.take();
  const [{id = 0} = {}] = store.add(server, [place.transfer('a')]);
  const {queue} = place.open();
  await until(() => queue.size === 1);
  queue.pause(id);
  const holder = new DatabaseSync(place.database);
  t.after(() => holder.close());
  holder.exec('BEGIN EXCLUSIVE');
  queue.resume(id);
  assert.equal(queue.totals().unwritten, 1);
  lease[Symbol.dispose]();
  await until(() => queue.totals().unwritten === 0);
  holder.exec('COMMIT');
  await queue.idle();
  assert.equal(queue.transfer(id)?.state.name, 'done');
});

test('priorities, moves, limits and clearing are stored though another process holds the database', async t => {
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

test('10,000 rows that the worker clears leave a companion in one step', async t => {
  const place = await startPlace(t);
  const worker = place.open();
  const ids = worker.queue.add(
    Array.from({length: 10_000}, (_, index) => place.transfer(`f${index}`)),
  );
  for (const id of ids) {
    worker.queue.cancel(id);
  }

  const companion = place.open();
  await until(() => companion.queue.size === 10_000);
  await until(() => companion.queue.firstUnsettled === -1);
  const sizes = new Set<number>();
  t.after(companion.queue.subscribe(() => sizes.add(companion.queue.size)));
  worker.queue.clearSettled();
  await until(() => sizes.has(0));
  sizes.delete(10_000);
  assert.deepEqual([...sizes], [0]);
});

test('with rename, cancel and delete removes the partial of the chosen name, also after a restart', async t => {
  const place = await startPlace(t, 2 * blockSize);
  writeFileSync(join(place.root, 'a'), noise(20 * blockSize));
  mkdirSync(place.target);
  writeFileSync(join(place.target, 'a'), 'old');
  writeFileSync(join(place.target, 'a.jangada-part'), 'of another transfer');
  const first = place.open();
  const [id = 0] = first.queue.add([{...place.transfer('a'), onConflict: 'rename'}]);
  await until(() => (first.queue.transfer(id)?.verifiedBytes ?? 0) >= blockSize);
  await first.close();
  assert.ok(existsSync(join(place.target, 'a (2).jangada-part')));
  const second = place.open();
  assert.equal(second.queue.transfer(id)?.target, join(place.target, 'a (2)'));
  second.queue.cancel(id, {deletePartial: true});
  await until(() => !existsSync(join(place.target, 'a (2).jangada-part')));
  assert.deepEqual([...treeOf(place.target).keys()].sort(), ['a', 'a.jangada-part']);
});

for (const size of [5, 3 * blockSize]) {
  test(`48: a place that another process saves to is refused, and that process is named: ${size} bytes`, async t => {
    const place = await startPlace(t, 2 * blockSize);
    writeFileSync(join(place.root, 'a'), noise(size));
    using other = new QueueStore(place.database);
    const file = join(place.target, 'a');
    mkdirSync(place.target);
    writeFileSync(`${file}.jangada-part`, '');
    other.places.hold([file]);
    const {queue} = place.open();
    const [id = 0] = queue.add([{...place.transfer('a'), size}]);
    await queue.idle();
    const state = queue.transfer(id)?.state;
    assert.equal(state?.name === 'failed' && state.code, 'locked');
    assert.match(
      state?.name === 'failed' ? state.reason : '',
      new RegExp(`process ${process.pid}`),
    );
    assert.equal(statSync(`${file}.jangada-part`).size, 0);
    other.places.release([file]);
    queue.retry(id);
    await queue.idle();
    assert.deepEqual(treeOf(place.target), treeOf(place.root));
  });
}

test('48: a small partial is left alone while another process fetches small files there', async t => {
  const place = await startPlace(t);
  writeFileSync(join(place.root, 'a'), 'aaa');
  mkdirSync(join(place.target, 'deep'), {recursive: true});
  const partial = join(place.target, 'deep/a.jangada-part');
  writeFileSync(partial, 'a');
  using other = new QueueStore(place.database);
  other.places.fetchSmallFiles(place.target, true);
  const {queue} = place.open();
  const [id = 0] = queue.add([{...place.transfer('a'), localPath: 'deep/a', size: 3}]);
  await queue.idle();
  const state = queue.transfer(id)?.state;
  assert.equal(state?.name === 'failed' && state.code, 'locked');
  assert.equal(readFileSync(partial, 'utf8'), 'a');
  other.places.fetchSmallFiles(place.target, false);
  queue.retry(id);
  await queue.idle();
  assert.equal(readFileSync(join(place.target, 'deep/a'), 'utf8'), 'aaa');
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
  // One that says that small files are fetched to this folder, and the row of this process.
  assert.ok(pages() - before <= 4, `${pages() - before} changes`);
});

for (const size of [5, 3 * blockSize]) {
  test(`a file of ${size} bytes that a killed process has named just before is not saved a second time`, async t => {
    const place = await startPlace(t);
    writeFileSync(join(place.root, 'a'), noise(size));
    const server = `127.0.0.1:${parseAddress(place.server.address).port}`;
    const store = new QueueStore(place.database);
    const added = store.add(server, [{...place.transfer('a'), size, onConflict: 'rename'}]);
    saveAs(
      store,
      added.map(({id}) => id),
      {name: 'finishing'},
    );
    store[Symbol.dispose]();
    mkdirSync(place.target);
    writeFileSync(join(place.target, 'a'), noise(size));
    const {mtime} = statSync(join(place.root, 'a'));
    utimesSync(join(place.target, 'a'), mtime, mtime);
    const {queue} = place.open();
    await queue.idle();
    assert.deepEqual(states(queue), ['done']);
    assert.deepEqual([...treeOf(place.target).keys()], ['a']);
  });

  test(`a file of ${size} bytes is saved beside another with its name once, whatever process does it`, async t => {
    const place = await startPlace(t);
    writeFileSync(join(place.root, 'a'), noise(size));
    mkdirSync(place.target);
    writeFileSync(join(place.target, 'a'), 'other');
    const {queue} = place.open();
    queue.add([{...place.transfer('a'), size, onConflict: 'rename'}]);
    await queue.idle();
    assert.deepEqual([...treeOf(place.target).keys()].sort(), ['a', 'a (2)']);
  });
}
