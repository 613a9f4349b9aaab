import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import type {Worker} from 'node:worker_threads';
import {blockSize} from '../../../../protocol/block.ts';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import {Checksums} from '../../../../source/transfers/hashing/checksums.ts';
import {Queue} from '../../../../source/transfers/queue/queue.ts';
import {
  noise,
  path as remote,
  startHarness,
  temporaryFolder,
  until,
} from '../../../fixtures/harness.ts';
import {withTypeScript} from '../../../fixtures/with-typescript.ts';

const {signal} = new AbortController();
const timeout = 90_000;

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function openFile(t: TestContext, bytes: Buffer = Buffer.alloc(0)): {fd: number; path: string} {
  const path = join(temporaryFolder(t), 'a');
  writeFileSync(path, bytes);
  return {fd: openSync(path, 'r+'), path};
}

test('a growing file is hashed up to its verified end, and finally to its whole end', {
  timeout,
}, async t => {
  const bytes = noise(3 * blockSize + 5);
  const file = openFile(t);
  const followed = new Checksums().follow(file);
  for (const end of [1, blockSize, 2 * blockSize + 7]) {
    // The file also has bytes after `end`, which are not verified.
    writeSync(file.fd, noise(blockSize, 9), 0, blockSize, end);
    writeSync(file.fd, bytes, 0, end, 0);
    followed.reach(end);
    await until(() => followed.hashedBytes === end);
  }

  writeSync(file.fd, bytes, 0, bytes.length, 0);
  assert.equal(await followed.digest(bytes.length, {signal}), sha256(bytes));
  await followed[Symbol.asyncDispose]();
  closeSync(file.fd);
});

test('an empty file has the hash of no bytes', {timeout}, async t => {
  const file = openFile(t);
  await using followed = new Checksums().follow(file);
  assert.equal(await followed.digest(0, {signal}), sha256(Buffer.alloc(0)));
  closeSync(file.fd);
});

test('one thread hashes many files side by side, and a long file does not hold up a short one', {
  timeout,
}, async t => {
  const checksums = new Checksums();
  const long = openFile(t);
  ftruncateSync(long.fd, 2048 * blockSize);
  const followedLong = checksums.follow(long);
  followedLong.reach(2048 * blockSize);
  await until(() => followedLong.hashedBytes > 0);
  const shorts = await Promise.all(
    Array.from({length: 20}, async (_, index) => {
      const bytes = noise(10_000 + index, index + 1);
      const file = openFile(t, bytes);
      await using followed = checksums.follow(file);
      assert.equal(await followed.digest(bytes.length, {signal}), sha256(bytes));
      return file;
    }),
  );
  assert.ok(followedLong.hashedBytes < 2048 * blockSize);
  await followedLong[Symbol.asyncDispose]();
  for (const {fd} of [long, ...shorts]) {
    closeSync(fd);
  }
});

test('a descriptor is no longer read after the file is released', {
  timeout,
  skip: process.platform !== 'linux' && 'only Linux counts what is read',
}, async t => {
  const checksums = new Checksums();
  const file = openFile(t);
  ftruncateSync(file.fd, 1024 * blockSize);
  for (let round = 0; round < 10; round++) {
    const followed = checksums.follow(file);
    followed.reach(1024 * blockSize);
    await until(() => followed.hashedBytes > 0);
    await followed[Symbol.asyncDispose]();
    const before = bytesRead();
    // This thread is blocked, so only the other thread can read.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    assert.ok(bytesRead() - before < blockSize);
  }

  closeSync(file.fd);
});

/** All bytes that this process has read since it started. */
function bytesRead(): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
}

test('a file that is shorter than reported has changed, and is not hashed further', {
  timeout,
}, async t => {
  const file = openFile(t, noise(blockSize));
  const followed = new Checksums().follow(file);
  followed.reach(2 * blockSize);
  // A later `reach` must not start the failed file again.
  followed.reach(3 * blockSize);
  await assert.rejects(followed.digest(4 * blockSize, {signal}), error =>
    isJangadaError(error, 'changed'),
  );
  await followed[Symbol.asyncDispose]();
  closeSync(file.fd);
});

test('stopping a digest ends the wait for it', {timeout}, async t => {
  const file = openFile(t);
  ftruncateSync(file.fd, 8192 * blockSize);
  const followed = new Checksums().follow(file);
  const abort = new AbortController();
  const digest = followed.digest(8192 * blockSize, {
    signal: abort.signal,
    onProgress: () => abort.abort(),
  });
  await assert.rejects(digest, error => isJangadaError(error, 'aborted'));
  await followed[Symbol.asyncDispose]();
  assert.ok(followed.hashedBytes < 8192 * blockSize);
  closeSync(file.fd);
});

test('a thread that follows no file keeps no process alive', {timeout}, t => {
  const {path, fd} = openFile(t, noise(100));
  closeSync(fd);
  const module = new URL('../../../../source/transfers/hashing/checksums.ts', import.meta.url).href;
  const code = `
    import {openSync} from 'node:fs';
    import {checksums} from ${JSON.stringify(module)};
    const followed = checksums.follow({fd: openSync(${JSON.stringify(path)}), path: 'a'});
    console.log(await followed.digest(100, {signal: new AbortController().signal}));
  `;
  const program = `${path}.mjs`;
  writeFileSync(program, code);
  const ran = spawnSync(process.execPath, [...withTypeScript, program], {
    encoding: 'utf8',
    timeout: timeout / 2,
  });
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(ran.stdout.trim(), sha256(noise(100)));
});

test('a partial file that is truncated during hashing is checked again, and the memory of it does not count', {
  timeout,
}, async t => {
  const {serve, root, target, client} = await startHarness(t);
  using store = new QueueStore(join(temporaryFolder(t), 'queue.db'));
  await using queue = new Queue({client, store, checksums: true});
  // The files are holes, because only their sizes matter.
  serve('a.bin', 'x');
  truncateSync(join(root, 'a.bin'), 256 * blockSize);
  mkdirSync(target);
  const partial = join(target, 'a.bin.jangada-part');
  writeFileSync(partial, 'x');
  truncateSync(partial, 256 * blockSize);
  const [id = 0] = queue.add([
    {remotePath: remote('a.bin'), folder: target, localPath: 'a.bin', onConflict: 'fail'},
  ]);
  await until(() => (queue.transfer(id)?.verifiedBytes ?? 0) > 0);
  truncateSync(partial, 100 * blockSize);
  await queue.idle();
  const bytes = readFileSync(join(root, 'a.bin'));
  const state = {name: 'done', outcome: 'verified', sha256: sha256(bytes)};
  assert.deepEqual(queue.transfer(id)?.state, state);
  assert.ok(readFileSync(join(target, 'a.bin')).equals(bytes));
  assert.equal(queue.transfer(id)?.reusedBytes, 100 * blockSize);
});

test('if a thread ends during hashing, its files fail, and the next file gets a new thread', {
  timeout,
}, async t => {
  const bytes = noise(blockSize);
  const file = openFile(t, bytes);
  const checksums = new Checksums();
  process.once('worker', (worker: Worker) => void worker.terminate());
  const followed = checksums.follow(file);
  await assert.rejects(followed.digest(bytes.length, {signal}), error =>
    isJangadaError(error, 'internal'),
  );
  await followed[Symbol.asyncDispose]();
  const next = checksums.follow(file);
  assert.equal(await next.digest(bytes.length, {signal}), sha256(bytes));
  await next[Symbol.asyncDispose]();
  closeSync(file.fd);
});

test('a file of which nothing was reached starts no thread, and cannot be followed once it is let go of', {
  timeout,
}, async t => {
  let started = 0;
  const onWorker = () => started++;
  process.on('worker', onWorker);
  t.after(() => process.off('worker', onWorker));
  const file = openFile(t, noise(10));
  const followed = new Checksums().follow(file);
  await followed[Symbol.asyncDispose]();
  followed.reach(10);
  assert.equal(started, 0);
  closeSync(file.fd);
});

test('a file that cannot be read fails with its name, and the other files are hashed', {
  timeout,
}, async t => {
  const checksums = new Checksums();
  const folder = temporaryFolder(t);
  // A folder can be opened, and not read.
  const bad = {fd: openSync(folder, 'r'), path: '/the/file'};
  const bytes = noise(100);
  const good = openFile(t, bytes);
  let failures = 0;
  process.once('worker', (worker: Worker) => {
    worker.on('message', ({kind}: {kind: string}) => {
      failures += kind === 'failed' ? 1 : 0;
    });
  });
  const [followedBad, followedGood] = [checksums.follow(bad), checksums.follow(good)];
  const failed = followedBad.digest(10, {signal});
  const hashed = followedGood.digest(100, {signal});
  await assert.rejects(failed, {message: '/the/file: it is a folder'});
  assert.equal(await hashed, sha256(bytes));
  {
    await using next = checksums.follow(good);
    assert.equal(await next.digest(100, {signal}), sha256(bytes));
  }

  assert.equal(failures, 1, 'it is not read again');
  await followedBad[Symbol.asyncDispose]();
  await followedGood[Symbol.asyncDispose]();
  closeSync(bad.fd);
  closeSync(good.fd);
});

test('a digest is not begun for somebody who has stopped already, and a wait leaves no listener', {
  timeout,
}, async t => {
  const bytes = noise(100);
  const file = openFile(t, bytes);
  const checksums = new Checksums();
  const stopped = checksums.follow(file);
  await assert.rejects(stopped.digest(100, {signal: AbortSignal.abort()}), error =>
    isJangadaError(error, 'aborted'),
  );
  await stopped[Symbol.asyncDispose]();
  const {signal: own} = new AbortController();
  const removed = t.mock.method(own, 'removeEventListener');
  const followed = checksums.follow(file);
  const told: number[] = [];
  const onProgress = (count: number) => told.push(count);
  assert.equal(await followed.digest(100, {signal: own, onProgress}), sha256(bytes));
  assert.equal(removed.mock.callCount(), 1);
  assert.deepEqual([told.at(-1), followed.hashedBytes], [100, 100]);
  await followed[Symbol.asyncDispose]();
  closeSync(file.fd);
});

test('a file does not become shorter because an earlier end is reached later', {
  timeout,
}, async t => {
  const bytes = noise(1000);
  const file = openFile(t, bytes);
  const followed = new Checksums().follow(file);
  followed.reach(1000);
  followed.reach(10);
  await until(() => followed.hashedBytes === 1000);
  assert.equal(await followed.digest(1000, {signal}), sha256(bytes));
  await followed[Symbol.asyncDispose]();
  closeSync(file.fd);
});

test('if its thread cannot be started, the digest fails, and nothing waits for it', async t => {
  const file = openFile(t, Buffer.from('x'));
  const sums = new Checksums(() => {
    throw new Error('EAGAIN');
  });
  const followed = sums.follow(file);
  followed.reach(1);
  await assert.rejects(followed.digest(1, {signal}), error => isJangadaError(error, 'internal'));
  await followed[Symbol.asyncDispose]();
});
