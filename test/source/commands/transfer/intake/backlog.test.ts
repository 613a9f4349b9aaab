import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {RemotePath} from '../../../../../protocol/remote-path.ts';
import {Backlog, type Batch} from '../../../../../source/commands/transfer/intake/backlog.ts';
import {collectGarbage} from '../../../../fixtures/server/garbage.ts';

function batchOf(from: number, count: number): Batch {
  const files = Array.from({length: count}, (_, at) => ({
    // A test may use a name as a path without a check.
    remotePath: `deep/\udc80file-${from + at}` as RemotePath,
    folder: '/target',
    localPath: `deep/\udc80file-${from + at}`,
    size: at,
  }));
  return {files, folders: []};
}

async function drain(backlog: Backlog): Promise<string[]> {
  const names: string[] = [];
  for (let batch = await backlog.take(); batch !== undefined; batch = await backlog.take()) {
    names.push(...[...batch.files, ...batch.folders].map(({localPath}) => localPath));
  }

  return names;
}

test('all found files come out once, in order and complete, however large the batches are', async () => {
  // One of three portions is kept uncompressed.
  const backlog = new Backlog(undefined, 1);
  const batches = [batchOf(0, 1), batchOf(1, 2500), batchOf(2501, 1700), batchOf(4201, 5)];
  for (const batch of batches) {
    backlog.add(batch);
  }

  backlog.complete();
  const found = batches.flatMap(({files}) => files);
  assert.deepEqual(
    [...backlog.all()].flatMap(({files}) => files),
    found,
  );
  assert.deepEqual(
    await drain(backlog),
    found.map(({localPath}) => localPath),
  );
  assert.equal(await backlog.take(), undefined);
});

test('the first thousands of found files come out as the same objects, and are not compressed', async () => {
  const backlog = new Backlog();
  const batches = Array.from({length: 10}, (_, at) => batchOf(1000 * at, 1000));
  for (const batch of batches) {
    backlog.add(batch);
  }

  for (const {files} of batches) {
    assert.equal((await backlog.take())?.files[999], files[999]);
  }
});

test('taking waits until files are found, or the search ends', async () => {
  const backlog = new Backlog();
  const first = backlog.take();
  backlog.add(batchOf(0, 1));
  assert.equal((await first)?.files.length, 1);
  const second = backlog.take();
  backlog.complete();
  assert.equal(await second, undefined);
});

test('files that are found after a caller has stopped waiting stay', async () => {
  const backlog = new Backlog();
  const stop = new AbortController();
  const taken = backlog.take(stop.signal);
  stop.abort();
  backlog.add(batchOf(0, 1));
  assert.equal(await taken, undefined);
  assert.equal([...backlog.all()].flatMap(({files}) => files).length, 1);
});

test('adding waits for room while files are taken, but not before the first is taken', async () => {
  const backlog = new Backlog(1, 0);
  const told: string[] = [];
  backlog.add(batchOf(0, 1000));
  await backlog.room();
  backlog.add(batchOf(1000, 1000));
  assert.equal((await backlog.take())?.files.length, 1000);
  const room = backlog.room().then(() => told.push('room'));
  await new Promise(setImmediate);
  assert.deepEqual(told, []);
  assert.equal((await backlog.take())?.files.length, 1000);
  await room;
});

test('a million found files that are not yet queued take a few tens of megabytes', async () => {
  const backlog = new Backlog();
  const usedBytes = () => {
    collectGarbage();
    const {heapUsed, external} = process.memoryUsage();
    return heapUsed + external;
  };
  const before = usedBytes();
  for (let from = 0; from < 200_000; from += 1000) {
    backlog.add(batchOf(from, 1000));
  }

  // A fifth of a million files.
  const used = usedBytes() - before;
  assert.ok(used < 10_000_000, `${used} bytes`);
  backlog.complete();
  assert.equal((await drain(backlog)).length, 200_000);
});
