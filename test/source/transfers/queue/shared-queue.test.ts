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
import {dirname, join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {test} from 'node:test';
import {parseAddress} from '../../../../protocol/address.ts';
import {blockSize} from '../../../../protocol/block.ts';
import {Client} from '../../../../source/client/client.ts';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import {Queue} from '../../../../source/transfers/queue/queue.ts';
import type {TransferState} from '../../../../source/transfers/terms/transfer-state.ts';
import {noise, treeOf, until} from '../../../fixtures/harness.ts';
import {startPlace, states} from '../../../fixtures/queue/shared-place.ts';
import {saveAs} from '../../../fixtures/queue/stored.ts';

test('a queue continues where it stopped, and remembers what it has done', async t => {
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

test('transfers that are added while a long queue is read are not counted twice', async t => {
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

test('finished transfers keep their checksums, even if others write to the database', async t => {
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
  // The row of another client appears only after the queue has read the earlier changes.
  const [added] = other.add(`127.0.0.1:${parseAddress(place.server.address).port}`, [
    place.transfer('not there'),
  ]);
  await until(() => queue.transfer(added?.id ?? 0)?.state.name === 'failed');
  for (const {state} of queue.snapshot().rows.slice(0, names.length)) {
    assert.match((state.name === 'done' && state.sha256) || '', /^[\da-f]{64}$/);
  }

  await close();
});

test('a folder with two names is one place: the second transfer is refused, and the lock stays', async t => {
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

test('a transfer that ends while the database is locked does not keep its place locked', async t => {
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

test('a queue whose database was removed does not report that it is kept', async t => {
  const place = await startPlace(t);
  const one = place.open();
  assert.equal(one.queue.isKept, true);
  renameSync(place.database, `${place.database}.aside`);
  assert.equal(one.queue.isKept, false);
});

test('a moved and a cleared transfer stay so for the next client', async t => {
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

test('a truncated database is put aside and reported, and partial files continue without it', async t => {
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

test('the totals of a long queue are complete from the first moment, while it is read', async t => {
  const place = await startPlace(t);
  const {host, port} = parseAddress(place.server.address);
  const server = `${host}:${port}`;
  const other = new QueueStore(place.database);
  t.after(() => other[Symbol.dispose]());
  const addPaused = (names: readonly string[]) => {
    const transfers = names.map((name, index) => ({
      ...place.transfer(name),
      size: index % 3 === 0 ? undefined : index,
    }));
    const ids = other.add(server, transfers).map(({id}) => id);
    other.orders.carryOut(server, {do: 'pause', which: ids});
    return ids;
  };
  const ids = addPaused(Array.from({length: 2000}, (_, index) => `f${index}`));
  const having = (from: number, to: number, state: TransferState): void =>
    saveAs(other, ids.slice(from, to), state);
  having(100, 300, {name: 'done', outcome: 'verified'});
  having(300, 600, {name: 'failed', code: 'internal', reason: 'no'});
  having(600, 1000, {name: 'canceled'});
  // Running, as its worker reports. This process is a companion.
  having(1000, 1500, {name: 'downloading'});
  using lease = other.lease(server);
  assert.equal(lease.take(), true);

  const {queue} = place.open();
  assert.ok(queue.size > 0 && queue.size < 2000, `${queue.size} are read`);
  const seen = new Set<string>();
  const look = () => {
    const {total, active, queued, waiting, failed, done, bytes} = queue.totals();
    seen.add(JSON.stringify({total, active, queued, waiting, failed, done, bytes}));
  };
  t.after(queue.subscribe(look));
  look();
  await until(() => queue.size === 2000);
  look();
  const counts = {active: 500, queued: 0, waiting: 0, failed: 300, done: 200};
  const sized = (from: number, to: number) =>
    Array.from({length: to - from}, (_, index) => from + index)
      .filter(index => index % 3 > 0)
      .reduce((sum, index) => sum + index, 0);
  const here = sized(100, 300);
  const wanted = sized(0, 600) + sized(1000, 2000);
  const bytes = {wanted, here, left: sized(1000, 1500), unsized: 166};
  assert.deepEqual([...seen], [JSON.stringify({total: 2000, ...counts, bytes})]);
  assert.deepEqual(
    queue.slice(1998).map(({remotePath}) => remotePath),
    ['f1998', 'f1999'],
  );

  addPaused(['later']);
  await until(() => queue.size === 2001);
  assert.deepEqual({...queue.totals(), ...counts}, queue.totals());
  assert.equal(queue.totals().total, 2001);
});

test('with rename, cancel deletes the partial file of the chosen name, also after a restart', async t => {
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
  test(`48: a place of another process is refused, and the error names that process: ${size} bytes`, async t => {
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

for (const [size, partialSize] of [
  [3, 1],
  [blockSize, blockSize],
] as const) {
  test(`48: a small partial file is not changed while another process fetches small files there: ${partialSize} bytes`, async t => {
    const place = await startPlace(t);
    writeFileSync(join(place.root, 'a'), noise(size));
    mkdirSync(join(place.target, 'deep'), {recursive: true});
    const partial = join(place.target, 'deep/a.jangada-part');
    writeFileSync(partial, noise(partialSize, 2));
    using other = new QueueStore(place.database);
    other.places.fetchSmallFiles(place.target, true);
    const {queue} = place.open();
    const [id = 0] = queue.add([{...place.transfer('a'), localPath: 'deep/a', size}]);
    await queue.idle();
    const state = queue.transfer(id)?.state;
    assert.equal(state?.name === 'failed' && state.code, 'locked');
    assert.ok(readFileSync(partial).equals(noise(partialSize, 2)));
    other.places.fetchSmallFiles(place.target, false);
    queue.retry(id);
    await queue.idle();
    assert.ok(readFileSync(join(place.target, 'deep/a')).equals(noise(size)));
  });
}

for (const size of [5, 3 * blockSize]) {
  test(`a file of ${size} bytes that a killed process has just named is not saved a second time`, async t => {
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

  test(`with rename, a file of ${size} bytes is saved once beside an existing one`, async t => {
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

test('a queue whose database cannot be read works alone, and takes no lease', async t => {
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

test('a companion that cannot read the changes of the last worker takes over only when it can', async t => {
  const place = await startPlace(t);
  const server = `127.0.0.1:${parseAddress(place.server.address).port}`;
  using store = new QueueStore(place.database);
  using lease = store.lease(server);
  lease.take();
  const [{id} = {id: 0}] = store.add(server, [place.transfer('a')]);
  const {queue} = place.open();
  saveAs(store, [id], {name: 'downloading'});
  await until(() => queue.transfer(id)?.state.name === 'downloading');
  const holder = new DatabaseSync(place.database);
  t.after(() => holder.close());
  // In one transaction, so that no process can read the new state.
  holder.exec(`
    BEGIN IMMEDIATE;
    UPDATE counter SET seq = seq + 1;
    UPDATE transfer SET state = 'done', outcome = 'verified', detail = NULL, settled_ms = 1,
      seq = (SELECT seq FROM counter) WHERE id = ${id};
    ALTER TABLE transfer RENAME TO elsewhere;
    COMMIT;
  `);
  lease[Symbol.dispose]();
  await until(() => store.isWorkedOn(server));
  holder.exec('ALTER TABLE elsewhere RENAME TO transfer');
  await until(() => queue.transfer(id)?.state.name !== 'downloading');
  assert.deepEqual(queue.transfer(id)?.state, {name: 'done', outcome: 'verified'});
});

test('a kept queue refuses expected contents, because it would forget them', async t => {
  const place = await startPlace(t);
  const {queue} = place.open();
  const expect = {kind: 'sha256', hex: '0'.repeat(64)} as const;
  assert.throws(() => queue.add([{...place.transfer('a'), expect}]), {code: 'unsupported'});
  assert.deepEqual(states(queue), []);
});
