import assert from 'node:assert/strict';
import {closeSync, ftruncateSync, openSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {availableAlgorithms, blockSize, digestSize} from '../../../../../protocol/block.ts';
import {HashPool} from '../../../../../server/store/folder/hash/hash-pool.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {startEffort} from '../../../../fixtures/server/effort.ts';
import {ServedFolder, until} from '../../../../fixtures/server/server-folder.ts';
import {kinds} from '../../../../fixtures/server/server-raw-peer.ts';

function sparse(path: string, size: number): void {
  const descriptor = openSync(path, 'w');
  ftruncateSync(descriptor, size);
  closeSync(descriptor);
}

test('row 40: hashes of a terabyte send signs of life, share the threads, and stop with their clients', async () => {
  await using folder = await ServedFolder.start(
    {'a small one': 'x'},
    {
      workers: 1,
      deadlines: {progressMs: 100},
    },
  );
  const path = join(folder.path, 'terabyte');
  sparse(path, 2 ** 40);
  const greedy = await Promise.all(Array.from({length: 6}, () => folder.peer()));
  for (const [index, peer] of greedy.entries()) {
    peer.request(index % 2 === 0 ? kinds.hash : kinds.digests, {path: 'terabyte'});
  }

  for (const peer of greedy) {
    for (let seen = 0; seen < 3; seen++) {
      const frame = await peer.frame();
      assert.ok(frame?.kind === kinds.progress || frame?.kind === kinds.digestBytes);
    }
  }

  const other = await folder.peer();
  assert.equal((await other.ask(kinds.get, {path: 'a small one'})).at(-1)?.kind, kinds.end);
  for (const peer of greedy) {
    peer.socket.destroy();
  }

  await until(() => folder.ended === greedy.length, 'they are gone');
  const effortMs = startEffort();
  const hashed = await other.ask(kinds.hash, {path: 'a small one'});
  assert.equal(hashed.at(-1)?.kind, kinds.hashed);
  const ms = effortMs();
  assert.ok(ms < 5000, `nothing goes on for those that left, ${ms} ms`);
});

test('digests of many blocks come in several reports, in order', async t => {
  const blocks = 1030;
  const path = join(temporaryFolder(t), 'file');
  sparse(path, blocks * blockSize);
  const descriptor = openSync(path, 'r');
  const pool = new HashPool(1);
  t.after(async () => {
    await pool.close();
    closeSync(descriptor);
  });
  const [algorithm = 'sha256'] = availableAlgorithms();
  const spans = [{from: 0, to: blocks}];
  let known = 0;
  let reports = 0;
  await pool.run(
    {kind: 'digests', descriptor, size: blocks * blockSize, algorithm, spans},
    {
      peer: 'here',
      signal: new AbortController().signal,
      progress({first, digests}) {
        assert.equal(first, known);
        known += (digests?.length ?? 0) / digestSize;
        reports++;
      },
    },
  );
  assert.equal(known, blocks);
  assert.ok(reports > 1);
});

test('nothing is hashed for a client that left before the hash began', async t => {
  const path = join(temporaryFolder(t), 'file');
  const length = 64 * blockSize;
  sparse(path, length);
  const descriptor = openSync(path, 'r');
  const pool = new HashPool(1);
  t.after(async () => {
    await pool.close();
    closeSync(descriptor);
  });
  const client = {peer: 'here', signal: AbortSignal.abort(), progress() {}};
  await assert.rejects(pool.run({kind: 'hash', descriptor, length, algorithm: 'sha256'}, client), {
    code: 'aborted',
  });
});

test('an idle thread serves two hashes at once, and no other thread is started', async t => {
  const path = join(temporaryFolder(t), 'file');
  const length = blockSize;
  sparse(path, length);
  const descriptor = openSync(path, 'r');
  let threads = 0;
  const count = () => {
    threads++;
  };
  process.on('worker', count);
  const pool = new HashPool(1);
  t.after(async () => {
    process.off('worker', count);
    await pool.close();
    closeSync(descriptor);
  });
  const client = {peer: 'here', signal: new AbortController().signal, progress() {}};
  const hash = () => pool.run({kind: 'hash', descriptor, length, algorithm: 'sha256'}, client);
  const first = await hash();
  const now = performance.now.bind(performance);
  t.mock.method(performance, 'now', () => now() + 3_600_000);
  assert.deepEqual(await Promise.all([hash(), hash()]), [first, first]);
  assert.equal(threads, 1);
});
