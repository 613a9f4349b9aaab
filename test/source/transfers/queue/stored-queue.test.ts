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
  writeFileSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../../../protocol/address.ts';
import {blockSize} from '../../../../protocol/block.ts';
import {type RunningServer, startServer} from '../../../../server/server.ts';
import {Client} from '../../../../source/client/client.ts';
import {type Change, QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import {type NewTransfer, Queue} from '../../../../source/transfers/queue/queue.ts';
import {noise, path, temporaryFolder, treeOf, until} from '../../../fixtures/harness.ts';
import {openQueueClient, type QueueClient} from '../../../fixtures/queue-client.ts';

type Place = {
  root: string;
  target: string;
  server: RunningServer;
  database: string;
  /** A client of its own with the shared queue, as another process would have it. */
  open(options?: {checksums?: boolean; patienceMs?: number}): QueueClient;
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

test('all of a long queue is counted from the first moment on, while it is read', async t => {
  const place = await startPlace(t);
  const {host, port} = parseAddress(place.server.address);
  const server = `${host}:${port}`;
  const other = new QueueStore(place.database);
  t.after(() => other[Symbol.dispose]());
  const addPaused = (names: readonly string[]) => {
    const ids = other.add(server, names.map(place.transfer)).map(({id}) => id);
    other.order(ids, 'paused');
    return ids;
  };
  const names = Array.from({length: 2000}, (_, index) => `f${index}`);
  const ids = addPaused(names);
  const having = (from: number, to: number, change: Pick<Change, 'state' | 'outcome' | 'code'>) =>
    ids.slice(from, to).map(id => ({id, verifiedBytes: 0, reusedBytes: 0, mine: false, ...change}));
  other.save([
    ...having(100, 300, {state: 'done', outcome: 'verified'}),
    ...having(300, 600, {state: 'failed', code: 'internal'}),
    ...having(600, 1000, {state: 'canceled'}),
  ]);
  // What another client works on is not counted as active.
  other.claim(other.order(ids.slice(1000, 1500), 'queued'));

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
  const counts = {active: 0, queued: 0, waiting: 0, failed: 300, done: 200};
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

test('what is added while a long queue is read is not counted twice', async t => {
  const place = await startPlace(t);
  const {host, port} = parseAddress(place.server.address);
  const other = new QueueStore(place.database);
  t.after(() => other[Symbol.dispose]());
  const add = (names: readonly string[]) => {
    const ids = other.add(`${host}:${port}`, names.map(place.transfer)).map(({id}) => id);
    other.order(ids, 'paused');
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

test('two clients share a queue and never work on one file twice', async t => {
  const place = await startPlace(t);
  const names = Array.from({length: 60}, (_, index) => `f${index}`);
  for (const [index, name] of names.entries()) {
    writeFileSync(join(place.root, name), noise(index % 5 === 0 ? 3 * blockSize : 4000, index + 1));
  }

  const one = place.open();
  const two = place.open();
  one.queue.add(names.map(place.transfer));
  await until(() => two.queue.snapshot().rows.length === names.length);
  await Promise.all([one.queue.idle(), two.queue.idle()]);
  await until(() => states(one.queue).every(name => name === 'done'));
  await until(() => states(two.queue).every(name => name === 'done'));
  assert.deepEqual(treeOf(place.target), treeOf(place.root));
});

test('two clients share thousands of small files, and none is refused or begun twice', async t => {
  const place = await startPlace(t);
  const names = Array.from({length: 2500}, (_, index) => `f${index}`);
  for (const [index, name] of names.entries()) {
    writeFileSync(join(place.root, name), noise(50, index + 1));
  }

  const one = place.open();
  const two = place.open();
  one.queue.add(names.map(name => ({...place.transfer(name), size: 50})));
  await until(() => [one, two].every(({queue}) => queue.snapshot().done === names.length), 60_000);
  for (const {queue} of [one, two]) {
    assert.deepEqual(new Set(states(queue)), new Set(['done']));
  }

  assert.equal(treeOf(place.target).size, names.length);
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

test('what was claimed ahead and has to wait is for other clients', async t => {
  const place = await startPlace(t, blockSize);
  const short = Array.from({length: 60}, (_, index) => `short${index}`);
  const late = ['late1', 'late2', 'late3'];
  for (const name of [...short, ...late]) {
    writeFileSync(join(place.root, name), name);
  }

  writeFileSync(join(place.root, 'long'), noise(30 * blockSize));
  const one = place.open();
  one.queue.limits = {...one.queue.limits, files: 1};
  const ids = one.queue.add([...short, 'long', ...late].map(place.transfer));
  const stateOf = ({queue}: {queue: Queue}, name: string) =>
    queue.snapshot().rows.find(({remotePath}) => remotePath === name)?.state.name;
  await until(() => stateOf(one, 'long') === 'downloading', 60_000);
  const two = place.open();
  two.queue.pause(ids.at(-1) ?? 0);
  await until(() => stateOf(two, 'late1') === 'done' && stateOf(two, 'late2') === 'done', 60_000);
  await until(() => stateOf(one, 'late3') === 'paused');
  assert.equal(stateOf(one, 'long'), 'downloading');
  assert.equal(stateOf(two, 'late3'), 'paused');
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
  other.lock(['/elsewhere']);
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
  assert.equal(other.lock([join(place.target, 'a')]).size, 1);
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

test('what was stored later is moved under the id that it was given first', async t => {
  const place = await startPlace(t, blockSize);
  writeFileSync(join(place.root, 'a'), noise(9 * blockSize));
  const {queue} = place.open();
  queue.limits = {...queue.limits, files: 1};
  queue.add([place.transfer('a')]);
  await until(() => queue.totals().active === 1);
  const holder = new DatabaseSync(place.database);
  holder.exec('BEGIN EXCLUSIVE');
  const [b = 0, c = 0] = queue.add(['b', 'c'].map(place.transfer));
  holder.exec('COMMIT');
  holder.close();
  await until(() => queue.transfer(b)?.id !== b);
  assert.equal(queue.move(c, -1), true);
  const names = queue.slice(0).map(({remotePath}) => remotePath);
  assert.deepEqual(names, ['a', 'c', 'b']);
});

test('what is decided while somebody holds the database is not undone by what is read there', async t => {
  const place = await startPlace(t);
  const {queue, store} = place.open();
  const [first = 0, other = 0] = queue.add(['a', 'b'].map(place.transfer));
  queue.pause(first);
  queue.pause(other);
  await until(() => store.idsIn(['paused']).length === 2);
  const holder = new DatabaseSync(place.database);
  t.after(() => holder.close());
  // One that changes is read together with what it says of others since the last look.
  holder.exec('UPDATE counter SET seq = seq + 1');
  holder.exec(`UPDATE transfer SET priority = 0, seq = (SELECT seq FROM counter)`);
  holder.exec('BEGIN EXCLUSIVE');
  queue.resume(first);
  const heldUntilMs = performance.now() + 1500;
  await until(() => performance.now() > heldUntilMs);
  assert.equal(queue.transfer(first)?.state.name, 'queued');
  holder.exec('COMMIT');
  await until(() => queue.transfer(other)?.priority === 'high');
  // It has begun, and is not there.
  await until(() => queue.transfer(first)?.state.name === 'failed');
  assert.equal(queue.transfer(other)?.state.name, 'paused');
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

test('a database that somebody holds is no reason to claim ahead', async t => {
  const place = await startPlace(t, blockSize);
  const names = Array.from({length: 40}, (_, index) => `f${index}`);
  writeFileSync(join(place.root, 'f0'), noise(9 * blockSize));
  const {queue, store} = place.open();
  queue.limits = {...queue.limits, files: 1};
  const holder = new DatabaseSync(place.database);
  t.after(() => holder.close());
  queue.add(names.map(place.transfer));
  holder.exec('BEGIN EXCLUSIVE');
  const heldUntilMs = performance.now() + 1500;
  await until(() => performance.now() > heldUntilMs);
  holder.exec('COMMIT');
  await until(() => store.idsIn(['running']).length > 0);
  assert.equal(store.idsIn(['running']).length, 1);
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
  await until(() => other.lock([join(place.target, 'a')]).size === 0);
});

test('a queue whose database has been removed does not claim to be kept', async t => {
  const place = await startPlace(t);
  const one = place.open();
  assert.equal(one.queue.isKept, true);
  renameSync(place.database, `${place.database}.aside`);
  assert.equal(one.queue.isKept, false);
});

test('what one client orders, the one that does the work obeys', async t => {
  const place = await startPlace(t, 4 * blockSize);
  writeFileSync(join(place.root, 'a'), noise(30 * blockSize));
  const worker = place.open();
  const [id = 0] = worker.queue.add([place.transfer('a')]);
  await until(() => (worker.queue.transfer(id)?.verifiedBytes ?? 0) >= blockSize);
  const other = place.open();
  await until(() => other.queue.transfer(id)?.elsewhere === true);
  other.queue.pause(id);
  await until(() => worker.queue.transfer(id)?.state.name === 'paused');
  assert.equal(other.queue.transfer(id)?.state.name, 'paused');
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

test('what another client has cleared before that was heard is not begun, and harms nothing', async t => {
  const place = await startPlace(t);
  writeFileSync(join(place.root, 'a'), 'a');
  writeFileSync(join(place.root, 'b'), 'b');
  const one = place.open();
  const two = place.open();
  const ids = one.queue.add([place.transfer('a'), place.transfer('b')]);
  // Before `one` has had a turn to begin.
  two.store.order(ids.slice(0, 1), 'canceled');
  two.store.order(ids.slice(0, 1), 'removed');
  await until(() => states(one.queue).includes('done'));
  await one.queue.idle();
  assert.deepEqual([...treeOf(place.target).keys()], ['b']);
  assert.deepEqual(states(one.queue), ['done']);
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

for (const size of [5, 3 * blockSize]) {
  test(`48: two clients never save ${size} bytes to one place; the second says who has it`, async t => {
    const place = await startPlace(t, 2 * blockSize);
    writeFileSync(join(place.root, 'a'), noise(size));
    const client = new Client(parseAddress(place.server.address));
    t.after(() => client[Symbol.asyncDispose]());
    const first = place.open();
    const [file] = [join(place.target, 'a')];
    mkdirSync(place.target);
    first.store.lock([file]);
    const second = place.open({patienceMs: 0});
    const [id = 0] = second.queue.add([{...place.transfer('a'), size}]);
    await second.queue.idle();
    const state = second.queue.transfer(id)?.state;
    assert.equal(state?.name === 'failed' && state.code, 'locked');
    assert.match(
      state?.name === 'failed' ? state.reason : '',
      new RegExp(`process ${process.pid}`),
    );
    assert.equal(treeOf(place.target).size, 0);
    first.store.unlock([file]);
    second.queue.retry(id);
    await second.queue.idle();
    assert.deepEqual(treeOf(place.target), treeOf(place.root));
  });
}

for (const size of [5, 3 * blockSize]) {
  test(`${size} bytes whose place another client lets go of in a moment wait in the queue`, async t => {
    const place = await startPlace(t);
    writeFileSync(join(place.root, 'a'), noise(size));
    writeFileSync(join(place.root, 'b'), 'b');
    mkdirSync(place.target);
    const first = place.open();
    const files = [join(place.target, 'a')];
    first.store.lock(files);
    const second = place.open();
    const [id = 0] = second.queue.add([{...place.transfer('a'), size}, place.transfer('b')]);
    const stored = () => first.store.read([id])[0]?.state;
    await until(() => stored() === 'running');
    await until(() => stored() === 'queued');
    assert.equal(second.queue.isIdle, false);
    first.store.unlock(files);
    await second.queue.idle();
    assert.deepEqual(states(second.queue), ['done', 'done']);
    assert.deepEqual(treeOf(place.target), treeOf(place.root));
  });
}

test('what another client has claimed before it had stopped here is left to that one', async t => {
  const place = await startPlace(t, 2 * blockSize);
  writeFileSync(join(place.root, 'a'), noise(8 * blockSize));
  const other = new QueueStore(place.database);
  const first = place.open();
  const [id = 0] = first.queue.add([place.transfer('a')]);
  await until(() => (first.queue.transfer(id)?.verifiedBytes ?? 0) >= blockSize);
  other.order([id], 'paused');
  other.order([id], 'queued');
  assert.deepEqual(other.claim([id]), [id]);
  await until(() => first.queue.transfer(id)?.elsewhere === true);
  // Nothing that was left to write here has taken it from the other one.
  assert.deepEqual(other.claim([id]), []);
  assert.equal(other.read([id])[0]?.owner, other.owner);
  other[Symbol.dispose]();
  await until(() => states(first.queue)[0] === 'done');
  assert.deepEqual(treeOf(place.target), treeOf(place.root));
});

for (const name of ['large', 'small']) {
  test(`a ${name} file that another client has fetched while this one slept is not fetched twice`, async t => {
    const place = await startPlace(t, blockSize / 4);
    const size = name === 'large' ? 8 * blockSize : 600_000;
    const names = ['a', 'b', 'c', 'd'];
    for (const file of names) {
      writeFileSync(join(place.root, file), noise(size));
    }

    const first = place.open();
    const ids = first.queue.add(names.map(file => ({...place.transfer(file), size})));
    await until(() => states(first.queue).every(state => state === 'downloading'));
    // To its clock the first one has said nothing for a minute.
    const other = new QueueStore(place.database, {now: () => Date.now() + 60_000});
    t.after(() => other[Symbol.dispose]());
    const claimed = other.claim(ids);
    assert.ok(claimed.length > 0);
    const done = {state: 'done', outcome: 'verified', verifiedBytes: size, reusedBytes: 0} as const;
    other.save(claimed.map(id => ({id, mine: true, ...done})));
    await until(() => claimed.every(id => first.queue.transfer(id)?.state.name === 'done'));
    for (const id of claimed) {
      const file = names[ids.indexOf(id)] ?? '';
      assert.equal(first.queue.transfer(id)?.verifiedBytes, size);
      assert.equal(existsSync(join(place.target, file)), false, 'it was fetched all the same');
    }
  });
}
