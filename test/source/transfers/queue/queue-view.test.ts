import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {Client} from '../../../../source/client/client.ts';
import {Queue} from '../../../../source/transfers/queue/queue.ts';
import {path, temporaryFolder, until} from '../../../fixtures/harness.ts';
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
