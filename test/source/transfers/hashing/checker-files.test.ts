/** What threads say of files as they are: whole, cut, too large, gone, links. */
import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import type {Worker} from 'node:worker_threads';
import {blockSize, digestOf, digestSize, rootDigest} from '../../../../protocol/block.ts';
import {CheckThreads} from '../../../../source/transfers/hashing/check-threads.ts';
import {Checker, checker} from '../../../../source/transfers/hashing/checker.ts';
import {stateOf} from '../../../../source/transfers/terms/file-state.ts';
import {openBelow} from '../../../fixtures/descriptors.ts';
import {noise, temporaryFolder} from '../../../fixtures/harness.ts';
import {digestsOf} from '../../../fixtures/server/other-content.ts';

function openFile(t: TestContext, bytes: Uint8Array, size: number = bytes.length) {
  const path = join(temporaryFolder(t), 'a');
  writeFileSync(path, bytes);
  truncateSync(path, size);
  const fd = openSync(path, 'r');
  t.after(() => closeSync(fd));
  return {fd, path, size};
}

test('small files have their root digests and states, in order, and each that cannot be hashed has its reason', async t => {
  const folder = temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  const whole = noise(blockSize);
  writeFileSync(at('whole'), whole);
  writeFileSync(at('empty'), '');
  writeFileSync(at('large'), noise(blockSize + 1));
  mkdirSync(at('folder'));
  symlinkSync('whole', at('link'));
  utimesSync(at('whole'), 1_600_000_000, 1_600_000_000.25);
  const names = ['whole', 'gone', 'empty', 'large', 'folder', 'link'];
  const options = {algorithm: 'blake3', checksums: false, follow: false} as const;
  const found = await checker.smallFiles(
    names.map(name => at(name)),
    options,
  );
  const stateAt = (name: string) => stateOf(statSync(at(name), {bigint: true}));
  assert.deepEqual(found[0], {
    kind: 'hashed',
    root: rootDigest('blake3', digestOf('blake3', whole)).toString('hex'),
    sha256: undefined,
    size: blockSize,
    mtimeMs: 1_600_000_000_250,
    state: stateAt('whole'),
  });
  assert.deepEqual(found[1], {kind: 'failed', code: 'ENOENT'});
  const empty = rootDigest('blake3', new Uint8Array()).toString('hex');
  assert.ok(found[2]?.kind === 'hashed');
  assert.deepEqual([found[2].root, found[2].size], [empty, 0]);
  assert.deepEqual(found[3], {kind: 'large', size: blockSize + 1});
  assert.deepEqual(found[4], {kind: 'failed', code: undefined});
  assert.deepEqual(found[5], {kind: 'failed', code: 'ELOOP'});
  if (process.platform === 'linux') {
    assert.deepEqual(openBelow(folder), []);
  }
});

test('links are followed and SHA-256 is computed where that is asked for, and a path may have bytes that are no text', async t => {
  const folder = temporaryFolder(t);
  const bytes = noise(70, 3);
  writeFileSync(join(folder, 'a'), bytes);
  symlinkSync('a', join(folder, 'link'));
  const options = {algorithm: 'sha256', checksums: true, follow: true} as const;
  const [found, raw] = await checker.smallFiles(
    [join(folder, 'link'), Buffer.from(join(folder, 'a'))],
    options,
  );
  assert.ok(found?.kind === 'hashed' && raw?.kind === 'hashed');
  assert.equal(found.sha256, createHash('sha256').update(bytes).digest('hex'));
  assert.equal(raw.root, found.root);
});

test('digests of a file end where the file does, however many threads read on behind it', async t => {
  for (const [blocks, whole] of [
    [16, 16],
    [20.5, 20],
    [3, 3],
    [0, 0],
  ] as const) {
    const bytes = noise(blocks * blockSize);
    const {fd, path} = openFile(t, bytes);
    const digests = await checker.digests({fd, path, size: 50 * blockSize}, 'sha256');
    const expected = digestsOf(bytes.subarray(0, whole * blockSize));
    assert.ok(digests.equals(expected), `${digests.length / digestSize} of ${whole}`);
  }
});

test('digests of a large file are told with their places as they are computed, and all bytes are counted', async t => {
  const bytes = noise(33 * blockSize + 7);
  const parts = new Map<number, Uint8Array>();
  const told: number[] = [];
  const digests = await checker.digests(openFile(t, bytes), 'sha256', {
    onDigests: (first, part) => parts.set(first, part),
    onProgress: count => told.push(count),
  });
  assert.deepEqual(digests, digestsOf(bytes));
  assert.deepEqual(
    [...parts.keys()].toSorted((one, other) => one - other),
    [0, 16, 32],
  );
  for (const [first, part] of parts) {
    const at = first * digestSize;
    assert.ok(digests.subarray(at, at + part.length).equals(part));
  }

  assert.equal(told.length, 3);
  assert.equal(told.at(-1), bytes.length);
  assert.deepEqual(
    told,
    told.toSorted((one, other) => one - other),
  );
});

test('the hash of the front of a file says how much of it there was', async t => {
  const bytes = noise(blockSize + 5);
  const {fd, path} = openFile(t, bytes);
  const sha256 = (end: number) => createHash('sha256').update(bytes.subarray(0, end)).digest('hex');
  for (const [length, there] of [
    [3, 3],
    [blockSize + 5, blockSize + 5],
    [9 * blockSize, blockSize + 5],
    [0, 0],
  ] as const) {
    const hashed = await checker.hash({fd, path, length}, 'sha256');
    assert.deepEqual(hashed, {digest: sha256(there), length: there});
  }
});

test('a file that cannot be read is named, with the reason of the system', async t => {
  const folder = temporaryFolder(t);
  // A folder can be opened, and not read.
  const fd = openSync(folder, 'r');
  t.after(() => closeSync(fd));
  const isNamed = (error: unknown) =>
    error instanceof Error && error.message === '/the/file: it is a folder';
  await assert.rejects(checker.hash({fd, path: '/the/file', length: 5}, 'sha256'), isNamed);
  await assert.rejects(checker.digests({fd, path: '/the/file', size: 5}, 'sha256'), isNamed);
});

test('no more threads are started than there may be, and all work is done', async t => {
  const file = openFile(t, noise(10));
  let started = 0;
  const onWorker = () => started++;
  process.on('worker', onWorker);
  t.after(() => process.off('worker', onWorker));
  const threads = new Checker(new CheckThreads(2));
  const hashed = await Promise.all(
    Array.from({length: 8}, () => threads.hash({...file, length: 10}, 'sha256')),
  );
  assert.equal(started, 2);
  assert.deepEqual(
    hashed.map(({length}) => length),
    Array<number>(8).fill(10),
  );
});

test('whoever waits for a thread that is stopped gets a new one', {timeout: 90_000}, async t => {
  const file = {...openFile(t, Buffer.alloc(0), 4096 * blockSize), length: 4096 * blockSize};
  const threads = new Checker(new CheckThreads(1));
  const workers: Worker[] = [];
  const onWorker = (worker: Worker) => workers.push(worker);
  process.on('worker', onWorker);
  t.after(() => process.off('worker', onWorker));
  const stop = new AbortController();
  const stopped = threads.hash(file, 'sha256', {
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  const waits = threads.hash({...file, length: 5}, 'sha256');
  await assert.rejects(stopped, {code: 'aborted'});
  assert.equal((await waits).length, 5);
  assert.equal(workers.length, 2);
});

test('work on a thread leaves no listener behind', async t => {
  const file = openFile(t, noise(10));
  const workers: Worker[] = [];
  const onWorker = (worker: Worker) => workers.push(worker);
  process.on('worker', onWorker);
  t.after(() => process.off('worker', onWorker));
  const threads = new Checker(new CheckThreads(1));
  const {signal} = new AbortController();
  const counts = () => ['message', 'error', 'exit'].map(name => workers[0]?.listenerCount(name));
  const removed: string[] = [];
  const {removeEventListener} = signal;
  t.mock.method(
    signal,
    'removeEventListener',
    function (this: AbortSignal, ...given: Parameters<typeof removeEventListener>) {
      removed.push(given[0]);
      removeEventListener.apply(this, given);
    },
  );
  await threads.hash({...file, length: 10}, 'sha256', {signal});
  const after = counts();
  await threads.hash({...file, length: 10}, 'sha256', {signal});
  assert.deepEqual(counts(), after);
  assert.equal(after[0], 0);
  assert.deepEqual(removed, ['abort', 'abort']);
});
