import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {Client} from '../../../../source/client/client.ts';
import {Queue} from '../../../../source/transfers/queue/queue.ts';
import {path, temporaryFolder, until} from '../../../fixtures/harness.ts';
import {startHostileServer} from '../../../fixtures/server/hostile-server.ts';

/** A queue of files that never come: their server greets, and answers nothing. */
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

test('of hundreds of files that run, those are shown that take long; of a few, all', async t => {
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

test('a transfer has ended once it is over, and is there until it is forgotten', async t => {
  const {queue, ids} = await startWaiting(t, [1]);
  const [id = 0] = ids;
  assert.deepEqual([queue.has(id), queue.ended(id)], [true, undefined]);
  queue.cancel(id);
  assert.deepEqual(queue.ended(id), queue.transfer(id));
  queue.forget(ids);
  assert.deepEqual([queue.has(id), queue.ended(id)], [false, undefined]);
});
