/** What becomes of hashes whose threads hang, fail or end. */
import assert from 'node:assert/strict';
import {closeSync, openSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {blockSize} from '../../../../../protocol/block.ts';
import {isJangadaError} from '../../../../../protocol/errors.ts';
import {HashPool} from '../../../../../server/store/folder/hash/hash-pool.ts';
import {FairQueue} from '../../../../../server/waiting/fair-queue.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {type FakeThread, fakeThreads} from '../../../../fixtures/server/fake-threads.ts';

const many = new FairQueue({total: 100, perKey: 100});
const job = {kind: 'hash', descriptor: 9, length: 5, algorithm: 'sha1'} as const;

function poolOf(t: TestContext, size: number, turns = many) {
  const started = fakeThreads(t);
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  const pool = new HashPool(size, turns);
  t.after(() => pool.close());
  const told: number[] = [];
  const hash = (signal = new AbortController().signal) => {
    const hashing = pool.run(job, {peer: 'a', signal, progress: ({done}) => told.push(done)});
    // A test looks at some of them only.
    hashing.catch(() => {});
    return hashing;
  };
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return {started, pool, hash, told, pass};
}

/** The numbers of the jobs that a thread was told to start. */
function idsOf(thread: FakeThread | undefined): number[] {
  return (thread?.sent ?? []).map(command => (command as {id: number}).id);
}

test('jobs go to the thread with the fewest, and a further thread is started only below the limit', async t => {
  const {started, hash} = poolOf(t, 2);
  const jobs = Array.from({length: 5}, () => hash());
  await turn();
  assert.deepEqual(started.map(idsOf), [
    [1, 3, 5],
    [2, 4],
  ]);
  assert.ok(started.every(({holdsProcess}) => holdsProcess));
  for (const id of [1, 3, 5]) {
    started[0]?.answer({id, state: 'done', digest: `${id}`});
  }

  assert.deepEqual(await jobs[2], {digest: '3'});
  await Promise.all([jobs[0], jobs[4]]);
  assert.deepEqual(
    started.map(({holdsProcess}) => holdsProcess),
    [false, true],
  );
  void hash();
  await turn();
  assert.deepEqual(idsOf(started[0]).at(-1), 6);
});

test('a thread that reports nothing for two seconds hangs: others get a further one, up to sixteen', async t => {
  const {started, hash, told, pass} = poolOf(t, 1);
  void hash();
  await turn();
  pass(2000);
  started[0]?.answer({id: 1, state: 'running', done: 4});
  assert.deepEqual(told, [4]);
  pass(2000);
  void hash();
  await turn();
  assert.deepEqual(idsOf(started[0]), [1, 2]);
  for (let hanging = 1; hanging <= 16; hanging++) {
    pass(2001);
    void hash();
    await turn();
    assert.equal(started.length, hanging + 1);
  }

  pass(2001);
  await assert.rejects(hash(), {code: 'busy', message: /try again later/});
  assert.equal(started.length, 17);
  // One of them goes on.
  started[4]?.answer({id: idsOf(started[4])[0], state: 'running', done: 1});
  void hash();
  await turn();
  assert.equal(started[4]?.sent.length, 2);
});

test('a client that leaves stops its job, and waits until nothing reads its file any more', async t => {
  const {started, hash} = poolOf(t, 1);
  const leaver = new AbortController();
  const left = hash(leaver.signal);
  await turn();
  leaver.abort();
  assert.deepEqual(started[0]?.sent.at(-1), {id: 1, do: 'stop'});
  let isOver = false;
  left.catch(() => {
    isOver = true;
  });
  await turn();
  assert.equal(isOver, false);
  started[0]?.answer({id: 1, state: 'stopped'});
  await assert.rejects(left, {code: 'aborted'});
  // A job that has ended is not stopped later.
  const later = new AbortController();
  const done = hash(later.signal);
  await turn();
  started[0]?.answer({id: 2, state: 'done', digest: 'd'});
  await done;
  later.abort();
  assert.equal(started[0]?.sent.length, 3);
});

test('a job that fails gives its turn to others, and tells its cause to the log', async t => {
  const {started, hash} = poolOf(t, 1, new FairQueue({total: 1, perKey: 1}));
  const failing = hash();
  const waiting = hash();
  await turn();
  started[0]?.answer({id: 1, state: 'failed', message: 'EIO: i/o error'});
  await assert.rejects(failing, error => {
    assert.ok(isJangadaError(error, 'internal'));
    assert.match(String(error.cause), /EIO/);
    return true;
  });
  await turn();
  assert.deepEqual(idsOf(started[0]), [1, 2]);
  started[0]?.answer({id: 2, state: 'short'});
  assert.equal(await waiting, 'short');
});

test('a thread that ends fails all of its jobs, and the next job has another one', async t => {
  const {started, hash} = poolOf(t, 1);
  const jobs = [hash(), hash()];
  await turn();
  started[0]?.emit('error', new Error('out of memory'));
  for (const failing of jobs) {
    await assert.rejects(failing, error => {
      assert.ok(isJangadaError(error, 'internal'));
      assert.match(String(error.cause), /out of memory/);
      return true;
    });
  }

  void hash();
  await turn();
  assert.deepEqual(idsOf(started[1]), [3]);
});

test('a pool that is closed ends its threads, and takes no job', async t => {
  const {started, pool, hash} = poolOf(t, 1);
  void hash();
  await turn();
  await pool.close();
  assert.equal(started[0]?.isTold, true);
  await assert.rejects(hash(), {code: 'aborted'});
  assert.equal(started.length, 1);
});

test('a file that has become shorter, or cannot be read, is told so by the thread itself', async t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), new Uint8Array(blockSize + 5));
  const [file, directory] = [openSync(join(folder, 'file'), 'r'), openSync(folder, 'r')];
  const pool = new HashPool(1);
  t.after(async () => {
    await pool.close();
    closeSync(file);
    closeSync(directory);
  });
  const client = {peer: 'a', signal: new AbortController().signal, progress() {}};
  const hash = (descriptor: number, length: number) =>
    pool.run({kind: 'hash', descriptor, length, algorithm: 'sha1'}, client);
  const digests = (descriptor: number, size: number) =>
    pool.run(
      {kind: 'digests', descriptor, size, algorithm: 'sha256', spans: [{from: 0, to: 2}]},
      client,
    );
  for (const run of [hash, digests]) {
    assert.notEqual(await run(file, blockSize + 5), 'short');
    assert.equal(await run(file, blockSize + 6), 'short');
    await assert.rejects(run(directory, blockSize + 5), error => {
      assert.ok(isJangadaError(error, 'internal'));
      assert.match(String(error.cause), /EISDIR/);
      return true;
    });
  }
});
