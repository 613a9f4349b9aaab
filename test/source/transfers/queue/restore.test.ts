import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {type TestContext, test} from 'node:test';
import {isDeepStrictEqual} from 'node:util';
import {parseAddress} from '../../../../protocol/address.ts';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import type {Queue} from '../../../../source/transfers/queue/queue.ts';
import {startHarness, until} from '../../../fixtures/harness.ts';
import {startPlace} from '../../../fixtures/queue/shared-place.ts';

const shown = (queue: Queue) =>
  queue.snapshot().rows.map(({remotePath, state}) => `${remotePath} ${state.name}`);
const before = ['a done', 'b canceled', 'c done'];

/** A queue of `a`, `b` and `c`, of which `b` is canceled. */
async function startQueue(t: TestContext) {
  const place = await startPlace(t);
  for (const name of ['a', 'b', 'c']) {
    writeFileSync(join(place.root, name), name);
  }

  const worker = place.open();
  const [, second = -1] = worker.queue.add(['a', 'b', 'c'].map(place.transfer));
  worker.queue.cancel(second);
  await worker.queue.idle();
  assert.deepEqual(shown(worker.queue), before);
  return {place, worker};
}

test('cleared transfers come back in their positions, with their states, and are kept', async t => {
  const {place, worker} = await startQueue(t);
  const ids = worker.queue.clearSettled();
  assert.deepEqual(shown(worker.queue), []);
  worker.queue.restore(ids);
  assert.deepEqual(shown(worker.queue), before);
  await worker.close();
  const next = place.open();
  await until(() => shown(next.queue).length === 3);
  assert.deepEqual(shown(next.queue), before);
});

test('after the clearing was written, they come back for every process', async t => {
  const {place, worker} = await startQueue(t);
  const companion = place.open();
  await until(() => isDeepStrictEqual(shown(companion.queue), before));
  const ids = companion.queue.clearSettled();
  await until(() => shown(companion.queue).length === 0);
  assert.deepEqual(shown(worker.queue), []);
  companion.queue.restore(ids);
  await until(() => isDeepStrictEqual(shown(companion.queue), before));
  assert.deepEqual([shown(companion.queue), shown(worker.queue)], [before, before]);
});

test('a companion that takes over restores what its worker has cleared', async t => {
  const {place, worker} = await startQueue(t);
  const companion = place.open();
  await until(() => isDeepStrictEqual(shown(companion.queue), before));
  const ids = companion.queue.clearSettled();
  await until(() => shown(companion.queue).length === 0);
  await worker.close();
  await until(() => companion.queue.worker === undefined);
  companion.queue.restore(ids);
  assert.deepEqual(shown(companion.queue), before);
});

test('a process that began after the clearing restores them, with all their facts', async t => {
  const {place, worker} = await startQueue(t);
  const work = worker.queue.snapshot().rows;
  const ids = worker.queue.clearSettled();
  await worker.close();
  const next = place.open();
  await until(() => !next.queue.totals().total);
  assert.deepEqual(next.queue.restore([...ids, 99]), ids);
  assert.deepEqual(next.queue.snapshot().rows, work);
  // Then they are ordinary rows again, for the next process, too.
  assert.deepEqual(next.queue.restore(ids), []);
  await next.close();
  const last = place.open();
  await until(() => shown(last.queue).length === 3);
  assert.deepEqual(shown(last.queue), before);
});

test('a companion lets the worker restore what a third process has cleared', async t => {
  const {place, worker} = await startQueue(t);
  const ids = worker.queue.clearSettled();
  await worker.close();
  const next = place.open();
  const companion = place.open();
  assert.notEqual(companion.queue.worker, undefined);
  assert.deepEqual(companion.queue.restore(ids), ids);
  await until(() => isDeepStrictEqual(shown(companion.queue), before));
  assert.deepEqual(shown(next.queue), before);
});

test('a companion clears only what it shows, not what has ended since', async t => {
  const {place, worker} = await startQueue(t);
  const companion = place.open().queue;
  await until(() => isDeepStrictEqual(shown(companion), before));
  for (const id of worker.queue.add(['d', 'e'].map(place.transfer))) {
    worker.queue.cancel(id);
  }

  const ids = companion.clearSettled();
  assert.equal(ids.length, 3);
  await until(() => shown(companion).length === 2);
  assert.deepEqual(shown(worker.queue), ['d canceled', 'e canceled']);
});

test('a step is undone once, by the process that is first, and without a database by its own process', async t => {
  const place = await startPlace(t);
  const step = {did: 'clear', ids: [1], deletedBytes: 0} as const;
  const worker = place.open();
  const companion = place.open();
  worker.queue.undoSteps.push(step);
  assert.deepEqual(companion.queue.undoSteps.pop(), step);
  assert.equal(worker.queue.undoSteps.pop(), undefined);
  const holder = new DatabaseSync(place.database);
  t.after(() => holder.close());
  holder.exec('BEGIN EXCLUSIVE');
  worker.queue.undoSteps.push(step);
  holder.exec('COMMIT');
  assert.equal(companion.queue.undoSteps.pop(), undefined);
  assert.deepEqual(worker.queue.undoSteps.pop(), step);
  const {queue} = await startHarness(t);
  queue.undoSteps.push(step);
  assert.deepEqual([queue.undoSteps.pop(), queue.undoSteps.pop()], [step, undefined]);
});

test('a companion counts a transfer as canceled before the worker does, and not after it was queued again', async t => {
  const place = await startPlace(t, 100_000);
  writeFileSync(join(place.root, 'a'), 'a'.repeat(3_000_000));
  const worker = place.open().queue;
  const companion = place.open().queue;
  const [id = 0] = worker.add([place.transfer('a')]);
  await until(() => companion.transfer(id)?.state.name === 'downloading');
  assert.equal(companion.isCanceled(id), false);
  companion.cancel(id);
  assert.equal(companion.isCanceled(id), true);
  await until(() => worker.transfer(id)?.state.name === 'canceled');
  // At once, although the companion reads changes four times a second.
  assert.equal(companion.isCanceled(id), true);
  companion.retry(id);
  assert.equal(companion.isCanceled(id), false);
});

test('without a worker, they are restored in the database', async t => {
  const {place, worker} = await startQueue(t);
  const ids = worker.queue.snapshot().rows.map(({id}) => id);
  await worker.close();
  const store = new QueueStore(place.database);
  t.after(() => store[Symbol.dispose]());
  const {host, port} = parseAddress(place.server.address);
  store.orders.carryOut(`${host}:${port}`, {do: 'clear', which: 'all'});
  assert.deepEqual(store.orders.carryOut(`${host}:${port}`, {do: 'restore', which: ids}), {ids});
  assert.deepEqual(store.orders.carryOut(`${host}:${port}`, {do: 'restore', which: ids}), {
    ids: [],
  });
  const next = place.open();
  await until(() => shown(next.queue).length === 3);
  assert.deepEqual(shown(next.queue), before);
});

test('a queue without a database restores them, too, and ignores unknown IDs', async t => {
  const {serve, queue, target} = await startHarness(t);
  serve('a', 'a');
  queue.add([{remotePath: 'a' as never, folder: target, localPath: 'a', onConflict: 'fail'}]);
  await queue.idle();
  const ids = queue.clearSettled();
  queue.restore([...ids, 99]);
  assert.deepEqual(shown(queue), ['a done']);
});
