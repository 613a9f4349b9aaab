import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Client} from '../../../../../source/client/client.ts';
import {Intake} from '../../../../../source/commands/transfer/intake/intake.ts';
import {Queue} from '../../../../../source/transfers/queue/queue.ts';
import {path, temporaryFolder} from '../../../../fixtures/harness.ts';
import {startHostileServer} from '../../../../fixtures/server/hostile-server.ts';

test('a queue gets no more than ten thousand files at once, and nothing stays of those that ended', async t => {
  // It greets, and answers nothing.
  const client = new Client(await startHostileServer(t, () => {}));
  const queue = new Queue({client});
  t.after(async () => {
    await queue[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
  });
  const folder = temporaryFolder(t);
  const add = (from: number, count: number) =>
    queue.add(
      Array.from({length: count}, (_, at) => {
        const name = `file-${from + at}`;
        return {remotePath: path(name), folder, localPath: name, size: 1, onConflict: 'fail'};
      }),
    );
  const intake = new Intake(queue);
  const stop = new AbortController();
  const ids = add(0, 9999);
  await intake.room(stop.signal);
  ids.push(...add(9999, 1));
  let hasRoom = false;
  const room = intake.room(stop.signal).then(() => {
    hasRoom = true;
  });
  intake.settled([]);
  await new Promise(setImmediate);
  assert.equal(hasRoom, false);

  const ended = ids.slice(-100);
  for (const id of ended) {
    queue.cancel(id);
  }

  intake.settled(ended);
  await room;
  assert.equal(queue.size, 9900);
  // Their places are free again, too.
  assert.deepEqual(
    add(9990, 10).map(id => queue.transfer(id)?.state.name),
    Array(10).fill('queued'),
  );

  add(20_000, 1000);
  const stopped = intake.room(stop.signal);
  stop.abort();
  await stopped;
});
