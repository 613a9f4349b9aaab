import assert from 'node:assert/strict';
import {statfsSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {Client} from '../../../../../source/client/client.ts';
import {Intake} from '../../../../../source/commands/transfer/intake/intake.ts';
import {Queue} from '../../../../../source/transfers/queue/queue.ts';
import {path, temporaryFolder, until} from '../../../../fixtures/harness.ts';
import {startHostileServer} from '../../../../fixtures/server/hostile-server.ts';
import {smallDisk} from '../../../../fixtures/small-disk.ts';

test('a queue gets at most six thousand files at once, and keeps nothing of the settled ones', async t => {
  // The server greets, and then never answers.
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
  const ids = add(0, 5999);
  await intake.room(stop.signal);
  ids.push(...add(5999, 1));
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
  assert.equal(queue.size, 5900);
  // Their places are free again.
  assert.deepEqual(
    add(5990, 10).map(id => queue.transfer(id)?.state.name),
    Array(10).fill('queued'),
  );

  add(20_000, 1000);
  const stopped = intake.room(stop.signal);
  stop.abort();
  await stopped;
});

test('six thousand files that wait for disk space count like others, and fail if nothing else is left to fetch', async t => {
  const folder = smallDisk(t, 1);
  if (folder === undefined) {
    return;
  }

  const {bavail, bsize} = statfsSync(folder);
  writeFileSync(join(folder, 'in the way'), Buffer.alloc(bavail * bsize));
  const client = new Client(await startHostileServer(t, () => {}));
  const queue = new Queue({client});
  t.after(async () => {
    await queue[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
  });
  const add = (from: number, count: number) =>
    queue.add(
      Array.from({length: count}, (_, at) => {
        const name = `file-${from + at}`;
        return {remotePath: path(name), folder, localPath: name, size: 9, onConflict: 'fail'};
      }),
    );
  const intake = new Intake(queue);
  const stop = new AbortController().signal;
  const ids = add(0, 5999);
  await until(() => queue.totals().waiting === 5999);
  await intake.room(stop);
  assert.equal(queue.totals().waiting, 5999);
  assert.equal(queue.firstWithoutRoom(10).length, 10);

  ids.push(...add(5999, 1));
  const room = intake.room(stop);
  await until(() => {
    // Each update of the queue does this.
    intake.settled([]);
    return queue.totals().failed === 6000;
  });
  const state = queue.transfer(ids[0] ?? 0)?.state;
  assert.equal(state?.name === 'failed' ? state.code : '', 'no_space');
  intake.settled(ids);
  await room;
  assert.equal(queue.size, 0);
});
