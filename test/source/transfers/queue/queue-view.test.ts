import assert from 'node:assert/strict';
import {utimesSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {Client} from '../../../../source/client/client.ts';
import {Queue} from '../../../../source/transfers/queue/queue.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {path, startHarness, temporaryFolder, until} from '../../../fixtures/harness.ts';
import {startHostileServer} from '../../../fixtures/server/hostile-server.ts';

/** A queue of files that never arrive: their server greets, and then never answers. */
async function startWaiting(t: TestContext, sizes: readonly number[]) {
  const client = new Client(await startHostileServer(t, () => {}));
  const queue = new Queue({client});
  t.after(async () => {
    await queue[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
  });
  const folder = temporaryFolder(t);
  const ids = queue.add(
    sizes.map((size, index) => {
      const name = `file-${index}`;
      return {remotePath: path(name), folder, localPath: name, size, onConflict: 'fail'};
    }),
  );
  return {queue, ids};
}

test('of hundreds of running files, only those that take long are shown; of a few, all are', async t => {
  const [large, small] = [10_000_000, 1000];
  const many = await startWaiting(t, [large, ...Array<number>(200).fill(small)]);
  await until(() => many.queue.totals().active === 201);
  assert.deepEqual(
    many.queue.running.map(({id}) => id),
    many.ids.slice(0, 1),
  );

  const few = await startWaiting(t, [large, small, small]);
  await until(() => few.queue.totals().active === 3);
  assert.deepEqual(
    few.queue.running.map(({id}) => id),
    few.ids,
  );
});

test('a settled transfer has ended, and exists until it is forgotten', async t => {
  const {queue, ids} = await startWaiting(t, [1]);
  const [id = 0] = ids;
  assert.deepEqual([queue.has(id), queue.ended(id)], [true, undefined]);
  queue.cancel(id);
  assert.deepEqual(queue.ended(id), queue.transfer(id));
  queue.forget(ids);
  assert.deepEqual([queue.has(id), queue.ended(id)], [false, undefined]);
});

test('the first of the transfers that run are shown in queue order, and the totals stay the same object', async t => {
  const {queue, ids} = await startWaiting(t, [10_000_000, 10_000_000, 10_000_000, 10_000_000]);
  await until(() => queue.totals().active === 4);
  queue.setPriority(ids[3] ?? 0, 'high');
  const shown = (most: number) => queue.firstRunning(most).map(({id}) => id);
  assert.deepEqual(shown(2), [ids[3], ids[0]]);
  assert.deepEqual(shown(9), [ids[3], ...ids.slice(0, 3)]);
  assert.equal(queue.totals(), queue.totals());
  assert.equal(queue.snapshot(), queue.snapshot());
});

test('all transfers that have failed are queued again at once, and their number is told', async t => {
  const {queue, serve, target} = await startHarness(t);
  serve('c', 'c');
  const fetch = (name: string) => ({
    ...{remotePath: path(name), folder: target, localPath: name},
    onConflict: 'fail' as const,
  });
  assert.equal(queue.retryFailed(), 0);
  const [a = 0, b = 0, c = 0] = queue.add(['a', 'b', 'c'].map(fetch));
  await queue.idle();
  serve('a', 'a');
  serve('b', 'b');
  assert.equal(queue.totals().failed, 2);
  assert.equal(queue.retryFailed(), 2);
  await queue.idle();
  assert.deepEqual(
    [a, b, c].map(id => queue.transfer(id)?.state.name),
    ['done', 'done', 'done'],
  );
});

test('a notice goes to who listens, and to nobody who has left', async t => {
  const {queue, serve, root, target} = await startHarness(t);
  t.mock.method(disk, 'futimesSync', () => {
    throw Object.assign(new Error('EPERM'), {code: 'EPERM'});
  });
  serve('a', 'a');
  utimesSync(join(root, 'a'), 1_500_000_000, 1_500_000_000);
  const told: string[] = [];
  queue.onNotice(() => told.push('stays'));
  queue.onNotice(() => told.push('has left'))();
  queue.add([{remotePath: path('a'), folder: target, localPath: 'a', onConflict: 'fail'}]);
  await queue.idle();
  assert.deepEqual(told, ['stays']);
});
