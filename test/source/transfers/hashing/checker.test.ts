import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {closeSync, openSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {blockSize} from '../../../../protocol/block.ts';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {CheckThreads} from '../../../../source/transfers/hashing/check-threads.ts';
import {Checker} from '../../../../source/transfers/hashing/checker.ts';
import {startThread} from '../../../../source/transfers/hashing/start-thread.ts';
import {noise, temporaryFolder} from '../../../fixtures/harness.ts';
import {FailingThreads} from '../../../fixtures/server/failing-threads.ts';
import {withTypeScript} from '../../../fixtures/with-typescript.ts';

function openFile(t: TestContext, bytes: Buffer): {fd: number; path: string; length: number} {
  const path = join(temporaryFolder(t), 'a');
  writeFileSync(path, bytes);
  const fd = openSync(path, 'r');
  t.after(() => closeSync(fd));
  return {fd, path, length: bytes.length};
}

test('work that is stopped while it waits for a thread does not start', async t => {
  const file = openFile(t, noise(blockSize));
  const checker = new Checker(new CheckThreads(1));
  const first = checker.hash(file, 'sha256');
  const abort = new AbortController();
  const second = checker.hash(file, 'sha256', {signal: abort.signal});
  abort.abort();
  await assert.rejects(second, error => isJangadaError(error, 'aborted'));
  assert.equal((await first).length, blockSize);
  assert.equal((await checker.hash(file, 'sha256')).length, blockSize);
});

test('after a read error the rest of the file is not read', async t => {
  const {fd, path} = openFile(t, Buffer.alloc(0));
  const size = 200 * blockSize;
  truncateSync(path, size);
  const threads = new FailingThreads(2);
  const checker = new Checker(threads);
  await assert.rejects(checker.digests({fd, path, size}, 'sha256'), error =>
    isJangadaError(error, 'local_io'),
  );
  assert.equal(threads.jobs, 2, 'the job that failed and the one beside it');
});

test('a large file that is stopped during hashing is not read to its end', async t => {
  const {fd, path} = openFile(t, Buffer.alloc(0));
  const size = 200 * blockSize;
  truncateSync(path, size);
  const checker = new Checker(new CheckThreads(2));
  const abort = new AbortController();
  const told: number[] = [];
  const hashed = checker.digests({fd, path, size}, 'sha256', {
    signal: abort.signal,
    onProgress(bytes) {
      told.push(bytes);
      abort.abort();
    },
  });
  await assert.rejects(hashed, error => isJangadaError(error, 'aborted'));
  assert.ok(told.length <= 2, `${told.length} jobs ended: the two under way, and no more`);
});

test('a thread that is stopped as its answer arrives gets no further work', {
  timeout: 90_000,
}, async t => {
  const file = openFile(t, noise(100));
  const checker = new Checker(new CheckThreads(1));
  const {digest} = await checker.hash(file, 'sha256');
  for (let round = 0; round < 3; round++) {
    const abort = new AbortController();
    const stopped = checker.hash(file, 'sha256', {signal: abort.signal});
    // Microtasks send the job. Then this thread is blocked while the other thread answers.
    await Promise.resolve();
    await Promise.resolve();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    abort.abort();
    const outcome = await stopped.then(
      answer => answer.digest,
      error => isJangadaError(error, 'aborted') && 'aborted',
    );
    assert.ok(outcome === digest || outcome === 'aborted');
    assert.equal((await checker.hash(file, 'sha256')).digest, digest);
  }
});

test('a thread that cannot be started fails its job alone: later jobs and jobs that wait get one', {
  timeout: 90_000,
}, async t => {
  const {fd, path, length} = openFile(t, noise(100));
  let faults = 1;
  const threads = new CheckThreads(1, () => {
    if (faults-- > 0) {
      throw new Error('EAGAIN');
    }

    return startThread('check-worker');
  });
  const job = {kind: 'hash', fd, length, algorithm: 'sha256'} as const;
  await assert.rejects(threads.run(job, path), /EAGAIN/);
  // This job ends its thread, and the next thread, of the job that waits, cannot be started either.
  const long = openFile(t, Buffer.alloc(0));
  truncateSync(long.path, 2 ** 36);
  const stop = new AbortController();
  const hashing = Promise.withResolvers<void>();
  const stopped = threads.run({...job, fd: long.fd, length: 2 ** 36}, long.path, {
    signal: stop.signal,
    onProgress: () => hashing.resolve(),
  });
  const waiting = threads.run(job, path);
  await hashing.promise;
  faults = 1;
  stop.abort();
  await assert.rejects(stopped);
  await assert.rejects(waiting, /EAGAIN/);
  assert.equal((await threads.run(job, path)).kind, 'hash');
});

test('if the last thread ends and no other one can be started, none of the jobs that wait hangs', {
  timeout: 90_000,
}, async t => {
  const {fd, path, length} = openFile(t, noise(100));
  let faults = 0;
  const threads = new CheckThreads(1, () => {
    if (faults-- > 0) {
      throw new Error('EAGAIN');
    }

    return startThread('check-worker');
  });
  const job = {kind: 'hash', fd, length, algorithm: 'sha256'} as const;
  const stop = new AbortController();
  const stopped = threads.run(job, path, {signal: stop.signal});
  const waiting = Promise.allSettled([1, 2, 3].map(() => threads.run(job, path)));
  await turn();
  faults = 2;
  stop.abort();
  await stopped.catch(() => {});
  const outcomes = (await waiting).map(({status}) => status);
  assert.deepEqual(outcomes, ['rejected', 'rejected', 'fulfilled']);
});

test('a thread that has run out of memory gets no further work', {timeout: 90_000}, async t => {
  const {fd, path, length} = openFile(t, noise(100));
  const threads = new CheckThreads(1);
  const checker = new Checker(threads);
  // The answer is larger than the maximum heap of a thread.
  const files = Array.from({length: 150_000}, () => path);
  await assert.rejects(
    threads.run(
      {kind: 'small files', files, follow: false, algorithm: 'sha256', checksums: true},
      path,
    ),
    error => isJangadaError(error, 'internal'),
  );
  assert.equal((await checker.hash({fd, path, length}, 'sha256')).length, length);
  assert.equal((await checker.hash({fd, path, length}, 'sha256')).length, length);
});

test('a thread keeps its process alive while it works, also for a second job, and not without work', {
  timeout: 90_000,
}, t => {
  const {path} = openFile(t, noise(100));
  const module = new URL('../../../../source/transfers/hashing/checker.ts', import.meta.url).href;
  const program = `${path}.mjs`;
  writeFileSync(
    program,
    `
    import {openSync} from 'node:fs';
    import {checker} from ${JSON.stringify(module)};
    const fd = openSync(${JSON.stringify(path)});
    for (const length of [100, 70]) {
      console.log((await checker.hash({fd, path: 'a', length}, 'sha256')).length);
      // The first thread is idle now.
    }
  `,
  );
  const ran = spawnSync(process.execPath, [...withTypeScript, program], {
    encoding: 'utf8',
    timeout: 45_000,
  });
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(ran.stdout, '100\n70\n');
});

/** Threads whose jobs find as many blocks as the test says, by their first block. */
class ShortThreads extends CheckThreads {
  readonly begun: number[] = [];
  readonly #found: Readonly<Record<number, number>>;

  constructor(count: number, found: Readonly<Record<number, number>>) {
    super(count);
    this.#found = found;
  }

  override run: CheckThreads['run'] = async job => {
    // Only jobs for digests come here.
    const {first} = job as {first: number} & typeof job;
    this.begun.push(first);
    const digests = Buffer.alloc((this.#found[first] ?? 16) * 32, first);
    // It is an answer to such a job.
    return {kind: 'digests', digests} as never;
  };
}

test('behind the block at which a file ended no digest counts, also if the file was longer a moment later', async () => {
  const file = {fd: -1, path: 'a', size: 64 * blockSize};
  const threads = new ShortThreads(4, {16: 3});
  const digests = await new Checker(threads).digests(file, 'sha256');
  assert.equal(digests.length, 19 * 32);
  assert.deepEqual(threads.begun, [0, 16, 32, 48]);
});

test('a file that has ended is not read on', async () => {
  const file = {fd: -1, path: 'a', size: 64 * blockSize};
  const threads = new ShortThreads(1, {16: 3});
  await new Checker(threads).digests(file, 'sha256');
  assert.deepEqual(threads.begun, [0, 16]);
});
