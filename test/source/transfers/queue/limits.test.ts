import assert from 'node:assert/strict';
import {truncateSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../../../protocol/address.ts';
import {blockSize} from '../../../../protocol/block.ts';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {Client} from '../../../../source/client/client.ts';
import {type NewTransfer, Queue} from '../../../../source/transfers/queue/queue.ts';
import {LimitSettings} from '../../../../source/transfers/queue/work/limit-settings.ts';
import {defaultLimits, type Limits, lanesFor} from '../../../../source/transfers/terms/limits.ts';
import {
  type Harness,
  noise,
  path,
  startHarness,
  temporaryFolder,
  treeOf,
  until,
} from '../../../fixtures/harness.ts';
import {TcpProxy} from '../../../fixtures/proxy.ts';
import {openQueueClient, type QueueClient} from '../../../fixtures/queue/queue-client.ts';

/** So that a hanging test fails. */
const timeout = 90_000;

function transferOf({target}: Pick<Harness, 'target'>, name: string): NewTransfer {
  // Without a size a file does not count as small, so each is a single download.
  return {remotePath: path(name), folder: target, localPath: name, onConflict: 'fail'};
}

test('with a higher limit more files begin at once; with a lower one no running file ends, and none begins in its place', {
  timeout,
}, async t => {
  const harness = await startHarness(t, {connections: 1, server: {limit: blockSize}});
  const {queue, serve} = harness;
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) {
    serve(name, noise(60 * blockSize));
  }

  const [a = 0, b = 0, c = 0, d = 0, e = 0] = queue.add(
    names.map(name => transferOf(harness, name)),
  );
  const active = () =>
    queue
      .snapshot()
      .rows.filter(({state}) => !['queued', 'canceled'].includes(state.name))
      .map(({id}) => id);
  await until(() => active().length === 1);
  queue.limits = {...queue.limits, files: 3};
  assert.deepEqual(active(), [a, b, c]);
  queue.limits = {...queue.limits, files: 1};
  assert.deepEqual(active(), [a, b, c]);
  // A transfer ends, but two still run.
  queue.cancel(a);
  await until(() => queue.transfer(a)?.state.name === 'canceled');
  queue.cancel(b);
  await until(() => active().length === 1);
  assert.deepEqual(active(), [c]);
  queue.cancel(c);
  await until(() => active().length === 1);
  assert.deepEqual(active(), [d]);
  queue.limits = {...queue.limits, files: 16};
  assert.deepEqual(active(), [d, e]);
});

test('a limit that is lifted frees its waiters, and a new limit holds', {
  timeout,
}, async t => {
  const harness = await startHarness(t);
  const {queue, serve, client, target, root} = harness;
  const size = 40 * blockSize;
  serve('a', noise(size));
  queue.limits = {...queue.limits, bytesPerSecond: 2000};
  assert.equal(client.bytesPerSecond, 2000);
  const [id = 0] = queue.add([transferOf(harness, 'a')]);
  // With the first block, the debt is minutes, and for the whole file hours.
  await until(() => queue.transfer(id)?.state.name === 'downloading');
  assert.equal(queue.snapshot().limits.bytesPerSecond, 2000);
  queue.limits = {...queue.limits, bytesPerSecond: 4 * blockSize};
  await until(() => (queue.transfer(id)?.verifiedBytes ?? 0) >= 2 * blockSize);
  queue.limits = {...queue.limits, bytesPerSecond: 1};
  assert.ok((queue.transfer(id)?.verifiedBytes ?? 0) < size);
  queue.limits = {...queue.limits, bytesPerSecond: undefined};
  await queue.idle();
  assert.equal(queue.transfer(id)?.state.name, 'done');
  assert.deepEqual(treeOf(target), treeOf(root));
});

test('a running file gets more connections when the limit is raised', {timeout}, async t => {
  const harness = await startHarness(t);
  const proxy = await TcpProxy.start(harness.server.port, {forwarded() {}, ended() {}});
  t.after(() => proxy[Symbol.asyncDispose]());
  await using client = new Client(parseAddress(`127.0.0.1:${proxy.port}`));
  await using queue = new Queue({client, connections: 1, files: 4});
  harness.serve('a', '');
  // Large enough for five connections. A hole, to be fast.
  truncateSync(join(harness.root, 'a'), 160 * blockSize);
  proxy.bytesPerSecond = 4 * blockSize;
  const [id = 0] = queue.add([transferOf(harness, 'a')]);
  await until(() => (queue.transfer(id)?.verifiedBytes ?? 0) > 0);
  assert.equal(proxy.links.length, 1);
  queue.limits = {...queue.limits, connectionsPerFile: 5};
  assert.equal(client.connections, 5);
  await until(() => proxy.links.length === 5);
  assert.equal(queue.transfer(id)?.state.name, 'downloading');
});

test('connections are shared between files, and no file gets more than it may have or can use', () => {
  const large = 2 ** 40;
  const limits = (files: number, connectionsPerFile: number, bytesPerSecond?: number): Limits => ({
    files,
    connectionsPerFile,
    bytesPerSecond,
  });
  for (const [files, connections, atWork, size, lanes, rate] of [
    [4, 4, 1, large, 4],
    [4, 4, 2, large, 2],
    [4, 4, 3, large, 1],
    [4, 4, 4, large, 1],
    [8, 2, 1, large, 2],
    [8, 2, 8, large, 1],
    [2, 8, 2, large, 4],
    // The files began while the limit was higher.
    [1, 1, 4, large, 1],
    [4, 4, 1, 70 * blockSize, 2],
    [4, 4, 1, 0, 1],
    // Below the rate of one connection, further connections would hardly be read.
    [4, 4, 1, large, 1, 10_000],
    [4, 4, 1, large, 2, 600_000],
    [4, 4, 2, large, 1, 600_000],
    [4, 4, 1, large, 4, 10_000_000],
  ] as const) {
    const found = lanesFor(limits(files, connections, rate), atWork, size);
    assert.equal(found, lanes, `${files} files, ${connections} connections, ${atWork} at work`);
  }
});

test('a file on several servers gets a connection to each of them before a second one to the same server', () => {
  for (const [mebibytes, servers, lanes] of [
    [24, 1, 1],
    [24, 2, 2],
    [24, 3, 3],
    [24, 9, 4],
    [4, 2, 1],
    [7, 2, 1],
    [8, 2, 2],
    [70, 1, 2],
    [70, 2, 2],
  ] as const) {
    const found = lanesFor(defaultLimits, 1, mebibytes * blockSize, servers);
    assert.equal(found, lanes, `${mebibytes} MiB, ${servers} servers`);
  }
});

for (const limits of [
  {files: 0},
  {files: 17},
  {files: 1.5},
  {connectionsPerFile: Number.NaN},
  {bytesPerSecond: 0},
  {bytesPerSecond: Number.POSITIVE_INFINITY},
]) {
  test(`${Object.entries(limits)} is not a valid limit, and the old one stays`, async t => {
    const {queue} = await startHarness(t);
    assert.throws(
      () => {
        queue.limits = {...queue.limits, ...limits};
      },
      error => isJangadaError(error, 'usage'),
    );
    assert.deepEqual(queue.limits, defaultLimits);
  });
}

type Shared = {
  file: string;
  /** Another client, like that of another process. */
  open(asked?: Partial<Limits>): QueueClient;
};

function startShared(t: TestContext): Shared {
  const file = join(temporaryFolder(t), 'queue.db');
  return {
    file,
    open: (limits = {}) => openQueueClient(t, file, 'jangada://127.0.0.1:9', {limits}),
  };
}

test('other clients take over the limits that one client sets, and later clients begin with them', {
  timeout,
}, async t => {
  const shared = startShared(t);
  const one = shared.open();
  const other = shared.open();
  assert.deepEqual(other.queue.limits, defaultLimits);
  one.queue.limits = {files: 2, connectionsPerFile: 7, bytesPerSecond: 5000};
  await until(() => other.queue.limits.files === 2);
  assert.deepEqual(other.queue.limits, one.queue.limits);
  assert.deepEqual([other.client.connections, other.client.bytesPerSecond], [7, 5000]);
  other.queue.limits = {...other.queue.limits, bytesPerSecond: undefined};
  await until(() => one.client.bytesPerSecond === undefined);
  assert.deepEqual(shared.open().queue.limits, {
    files: 2,
    connectionsPerFile: 7,
    bytesPerSecond: undefined,
  });
});

test('a requested limit counts instead of the stored one, until that is set again', {
  timeout,
}, async t => {
  const shared = startShared(t);
  const one = shared.open();
  one.queue.limits = {files: 2, connectionsPerFile: 7, bytesPerSecond: 5000};
  const own = shared.open({bytesPerSecond: 100, files: 3});
  assert.deepEqual(own.queue.limits, {files: 3, connectionsPerFile: 7, bytesPerSecond: 100});
  // Another limit is set, so the requested ones stay.
  one.queue.limits = {...one.queue.limits, connectionsPerFile: 1};
  await until(() => own.queue.limits.connectionsPerFile === 1);
  assert.deepEqual(own.queue.limits, {files: 3, connectionsPerFile: 1, bytesPerSecond: 100});
  // Limits that a client sets apply to all clients; limits that it was started with do not.
  own.queue.limits = {...own.queue.limits, connectionsPerFile: 5};
  await until(() => one.queue.limits.connectionsPerFile === 5);
  assert.deepEqual(one.queue.limits, {files: 2, connectionsPerFile: 5, bytesPerSecond: 5000});
  // The same value, but set later.
  one.store.limits.save({bytesPerSecond: 5000});
  await until(() => own.client.bytesPerSecond === 5000);
  assert.equal(own.queue.limits.files, 3);
});

test('"no limit" can be requested instead of a stored limit', t => {
  const shared = startShared(t);
  shared.open().store.limits.save({bytesPerSecond: 5000});
  assert.equal(shared.open({bytesPerSecond: undefined}).client.bytesPerSecond, undefined);
});

test('a run over several servers keeps limits that were set between them', t => {
  const {store} = startShared(t).open();
  const limits = new LimitSettings({bytesPerSecond: 100}, store.limits);
  store.limits.save({bytesPerSecond: 900});
  assert.equal(limits.look(), true);
  assert.equal(limits.look(), false);
  assert.equal(limits.current.bytesPerSecond, 900);
});

test('queues of one process that share limits follow every change, whoever makes it', {
  timeout,
}, async t => {
  const {store} = startShared(t).open();
  const limits = new LimitSettings({}, store.limits);
  const start = (kept: boolean) => {
    const client = new Client(parseAddress('127.0.0.1:9'));
    const queue = new Queue({client, limits, store: kept ? store : undefined});
    t.after(async () => {
      await queue[Symbol.asyncDispose]();
      await client[Symbol.asyncDispose]();
    });
    return {client, queue};
  };

  const all = [start(true), start(true), start(false)];
  const rates = () => all.map(({client}) => client.bytesPerSecond);
  // A change by another client of the same database.
  store.limits.save({bytesPerSecond: 900});
  await until(() => rates().every(rate => rate === 900));
  const [first] = all;
  assert.ok(first !== undefined);
  first.queue.limits = {...limits.current, bytesPerSecond: 800};
  assert.deepEqual(rates(), [800, 800, 800]);
  // A new queue finds limits that were set meanwhile, and the other queues get them, too.
  store.limits.save({bytesPerSecond: 700});
  const last = start(true);
  assert.deepEqual([...rates(), last.client.bytesPerSecond], [700, 700, 700, 700]);
  await first.queue[Symbol.asyncDispose]();
  last.queue.limits = {...limits.current, bytesPerSecond: 600};
  assert.deepEqual(rates(), [700, 600, 600]);
});

test('invalid stored limits are ignored, and the others count', t => {
  const shared = startShared(t);
  const {store} = shared.open();
  store.limits.save({connectionsPerFile: 3});
  const db = new DatabaseSync(shared.file);
  db.exec(`INSERT INTO setting VALUES ('files', 99, 7), ('bytesPerSecond', 9223372036854775807, 8),
    ('colour', 1, 9), ('x', NULL, 9223372036854775807)`);
  db.close();
  assert.deepEqual(shared.open().queue.limits, {...defaultLimits, connectionsPerFile: 3});
});
