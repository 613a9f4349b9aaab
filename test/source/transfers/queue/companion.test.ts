import assert from 'node:assert/strict';
import {copyFileSync, existsSync, mkdirSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {test} from 'node:test';
import {parseAddress} from '../../../../protocol/address.ts';
import {blockSize} from '../../../../protocol/block.ts';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import {noise, treeOf, until} from '../../../fixtures/harness.ts';
import {startPlace, states} from '../../../fixtures/queue/shared-place.ts';
import {saveAs} from '../../../fixtures/queue/stored.ts';

test('of two processes one works; the other says which process that is, and shows what it does', async t => {
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

test('the worker fetches what a companion adds, and each shows what the other adds', async t => {
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

test('the worker does everything that a companion asks for', async t => {
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

test('a companion takes over when the worker ends, and continues its transfers', async t => {
  const place = await startPlace(t, 6 * blockSize);
  writeFileSync(join(place.root, 'a'), noise(24 * blockSize));
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

test('a companion says which process works when another one has taken over', async t => {
  const place = await startPlace(t);
  const server = `127.0.0.1:${parseAddress(place.server.address).port}`;
  using store = new QueueStore(place.database);
  using lease = store.lease(server);
  lease.take();
  store.worksOn(server);
  const {queue} = place.open();
  assert.equal(queue.worker?.pid, process.pid);
  let told = 0;
  t.after(
    queue.subscribe(() => {
      told += queue.worker?.pid === process.pid + 1 ? 1 : 0;
    }),
  );
  const other = new DatabaseSync(place.database);
  t.after(() => other.close());
  // What another process writes when it takes over.
  other.exec('UPDATE worker SET pid = pid + 1');
  await until(() => told > 0);
});

for (const size of [5, 3 * blockSize]) {
  test(`a file of ${size} bytes that a killed worker has just named counts as saved for the process that takes over`, async t => {
    const place = await startPlace(t);
    const names = ['a', 'b'];
    for (const name of names) {
      writeFileSync(join(place.root, name), noise(size));
    }

    const server = `127.0.0.1:${parseAddress(place.server.address).port}`;
    using store = new QueueStore(place.database);
    using lease = store.lease(server);
    lease.take();
    const policies = ['rename', 'fail'] as const;
    const added = store.add(
      server,
      names.map((name, at) => ({
        ...place.transfer(name),
        size,
        onConflict: policies[at] ?? 'fail',
      })),
    );
    const {queue} = place.open();
    saveAs(
      store,
      added.map(({id}) => id),
      {name: 'finishing'},
    );
    await until(() => states(queue).join() === 'finishing,finishing');
    mkdirSync(place.target);
    for (const name of names) {
      copyFileSync(join(place.root, name), join(place.target, name));
      const {mtime} = statSync(join(place.root, name));
      utimesSync(join(place.target, name), mtime, mtime);
    }

    lease[Symbol.dispose]();
    await until(() => states(queue).every(state => state === 'done' || state === 'failed'));
    assert.deepEqual(states(queue), ['done', 'done']);
    assert.deepEqual([...treeOf(place.target).keys()].sort(), names);
  });
}

test('a wish that the worker has not carried out is carried out by the process that takes over', async t => {
  const place = await startPlace(t, blockSize);
  writeFileSync(join(place.root, 'a'), noise(8 * blockSize));
  const worker = place.open();
  const [id = 0] = worker.queue.add([place.transfer('a')]);
  const companion = place.open();
  await until(() => companion.queue.transfer(id) !== undefined);
  const server = `127.0.0.1:${parseAddress(place.server.address).port}`;
  // At the moment when the worker ends.
  const closed = worker.close();
  companion.store.wishes.make(server, {do: 'pause', which: [id]});
  await closed;
  await until(() => companion.queue.transfer(id)?.state.name === 'paused');
  assert.deepEqual(companion.store.wishes.open(server), []);
});

test('a wish that cannot be written is counted as unwritten, and is written as soon as possible', async t => {
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

test('a companion that ends with a wish that it could not write says that it is lost', async t => {
  const place = await startPlace(t);
  const worker = place.open();
  const companion = place.open();
  const [id = 0] = worker.queue.add([place.transfer('a')]);
  const holder = new DatabaseSync(place.database);
  t.after(() => holder.close());
  holder.exec('ALTER TABLE wish RENAME TO elsewhere');
  companion.queue.pause(id);
  companion.queue.cancel(id);
  await assert.rejects(companion.queue[Symbol.asyncDispose](), {
    code: 'local_io',
    message: `The queue could not be written: process ${process.pid} did not get the last 2 of your requests. Repeat them`,
  });
  holder.exec('ALTER TABLE elsewhere RENAME TO wish');
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

test('a companion that takes over carries out stored wishes before its own unwritten ones', async t => {
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

test('a closed queue carries out no wish: the next worker does', async t => {
  const place = await startPlace(t);
  const {host, port} = parseAddress(place.server.address);
  const server = `${host}:${port}`;
  t.mock.timers.enable({apis: ['setInterval']});
  const {queue} = place.open();
  using other = new QueueStore(place.database);
  const [first] = other.add(server, [place.transfer('a')]);
  const ids = [first?.id ?? 0];
  const paused = other.wishes.make(server, {do: 'pause', which: ids});
  t.mock.timers.tick(1000);
  assert.deepEqual(other.wishes.answerOf(paused), {ids});
  await queue[Symbol.asyncDispose]();
  const canceled = other.wishes.make(server, {do: 'cancel', which: ids, deletePartial: false});
  t.mock.timers.tick(1000);
  assert.equal(other.wishes.answerOf(canceled), undefined);
  const next = place.open();
  await until(() => other.wishes.answerOf(canceled) !== undefined);
  assert.deepEqual(states(next.queue), ['canceled']);
});

test('a companion shows the blocks of a running file: no more than the row says, and never fewer than before', async t => {
  const place = await startPlace(t, 3 * blockSize);
  const content = noise(12 * blockSize + 5);
  writeFileSync(join(place.root, 'a'), content);
  const partial = Buffer.from(content.subarray(0, 9 * blockSize));
  partial.fill(0, 2 * blockSize, 4 * blockSize);
  mkdirSync(place.target);
  writeFileSync(join(place.target, 'a.jangada-part'), partial);
  const worker = place.open().queue;
  const companion = place.open().queue;
  const [id = 0] = worker.add([place.transfer('a')]);
  const shown: string[] = [];
  t.after(
    companion.subscribe(() => {
      const blocks = companion.blocksOf(id);
      const verified = companion.transfer(id)?.verifiedBytes ?? 0;
      if (blocks !== undefined) {
        assert.equal(blocks.count, 13);
        const states = Array.from({length: 13}, (_, index) => blocks.at(index));
        const good = states.filter(state => state === 'good').length;
        assert.ok(good * blockSize <= verified + blockSize, `${good} of ${verified} bytes`);
        shown.push(states.map(state => (state === 'good' ? '■' : '□')).join(''));
      }
    }),
  );
  await until(() => companion.totals().done === 1);
  // First the existing blocks, then some steps up to all blocks.
  assert.match(shown[0] ?? '', /^■■..■■■■■/);
  const counts = shown.map(blocks => blocks.replaceAll('□', '').length);
  assert.deepEqual(
    counts,
    counts.toSorted((one, other) => one - other),
  );
  assert.ok(new Set(counts).size >= 2, `${shown}`);
  assert.equal(companion.blocksOf(id), undefined);
});

test('a companion shows the totals of the worker, and its speed', async t => {
  const place = await startPlace(t, 1_000_000);
  const sizes = {a: 3 * blockSize, b: 4000, c: 6 * blockSize};
  for (const [name, size] of Object.entries(sizes)) {
    writeFileSync(join(place.root, name), noise(size));
  }

  const worker = place.open().queue;
  const companion = place.open().queue;
  const ids = worker.add(
    Object.entries(sizes).map(([name, size]) => ({...place.transfer(name), size})),
  );
  await until(() => companion.totals().bytes.here > 5_000_000);
  await until(() => companion.totals().bytesPerSecond > 0);
  worker.cancel(ids[2] ?? 0);
  await until(() => worker.isIdle && companion.isIdle);
  await until(() => companion.totals().canceled === 1 && companion.totals().done === 2);
  assert.deepEqual(companion.totals().bytes, worker.totals().bytes);
  const wanted = sizes.a + sizes.b;
  assert.deepEqual(worker.totals().bytes, {wanted, here: wanted, left: 0, unsized: 0});
});
