import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {createHash} from 'node:crypto';
import {closeSync, ftruncateSync, openSync, utimesSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {digestOf, rootDigest} from '../../../protocol/block.ts';
import {startEffort} from '../../fixtures/server/effort.ts';
import {
  makeFresh,
  makeOld,
  patternedBytes,
  ServedFolder,
} from '../../fixtures/server/server-folder.ts';
import {json, kinds, type RawFrame} from '../../fixtures/server/server-raw-peer.ts';

const block = 1_048_576;

function digestsIn(frames: RawFrame[]): Buffer {
  return Buffer.concat(frames.filter(f => f.kind === kinds.digestBytes).map(f => f.payload));
}

function sparse(path: string, size: number): void {
  const descriptor = openSync(path, 'w');
  ftruncateSync(descriptor, size);
  closeSync(descriptor);
}

test('digests of blocks come in order, with the size, the version and the root digest', async () => {
  const bytes = patternedBytes(5 * block + 9);
  await using folder = await ServedFolder.start({file: bytes, empty: ''});
  // The time lies in the future, so the file counts as just changed, and none of its digests is remembered.
  makeFresh(join(folder.path, 'file'));
  const peer = await folder.peer();
  for (const algorithm of ['sha256', 'blake3'] as const) {
    const all = Array.from({length: 6}, (_, index) =>
      digestOf(algorithm, bytes.subarray(index * block, (index + 1) * block)),
    );
    const root = rootDigest(algorithm, Buffer.concat(all)).toString('hex');
    for (const [from, to] of [
      [0, 6],
      [2, 4],
      [3, 3],
      [6, 6],
      [5, undefined],
    ] as const) {
      const frames = await peer.ask(kinds.digests, {path: 'file', from, to, algorithm});
      assert.deepEqual(digestsIn(frames), Buffer.concat(all.slice(from, to)));
      const end = json(frames.at(-1) ?? assert.fail());
      // The root digest is known only if the request covers all blocks or none.
      const rooted = from === to || (from === 0 && to === 6);
      assert.equal(end.root, rooted ? root : undefined);
      assert.equal(end.size, bytes.length);
    }
  }

  const [end] = await peer.ask(kinds.digests, {path: 'empty'});
  assert.equal(json(end ?? assert.fail()).root, createHash('sha256').digest('hex'));
  for (const [from, to] of [
    [0, 7],
    [7, 7],
    [4, 3],
  ]) {
    peer.request(kinds.digests, {path: 'file', from, to});
    assert.equal(await peer.errorCode(), 'bad_request');
  }
});

test('remembered digests always belong to the present bytes', async () => {
  await using folder = await ServedFolder.start({old: patternedBytes(3 * block)});
  const path = join(folder.path, 'old');
  const peer = await folder.peer();
  for (let round = 0; round < 4; round++) {
    const bytes = patternedBytes(3 * block, round + 5);
    const descriptor = openSync(path, 'r+');
    writeSync(descriptor, bytes);
    closeSync(descriptor);
    makeOld(path);
    // Size and modification time are the same in each round. Only the change time differs.
    const frames = await peer.ask(kinds.digests, {path: 'old'});
    const expected = [0, 1, 2].map(index =>
      digestOf('sha256', bytes.subarray(index * block, (index + 1) * block)),
    );
    assert.deepEqual(digestsIn(frames), Buffer.concat(expected));
    const get = await peer.ask(kinds.get, {path: 'old', ranges: [[block, block]]});
    assert.deepEqual(get[1]?.payload.subarray(8, 40), expected[1]);
  }
});

test('old digests and hashes are not used for other content with the same size and time', async t => {
  const size = 2 * block + 5;
  await using folder = await ServedFolder.start({old: patternedBytes(size, 1)});
  const path = join(folder.path, 'old');
  const peer = await folder.peer();
  // From now on no file counts as just changed, so digests are remembered.
  t.mock.timers.enable({apis: ['Date'], now: Date.now() + 60_000});
  for (const seed of [1, 2, 3]) {
    const bytes = patternedBytes(size, seed);
    const descriptor = openSync(path, 'r+');
    writeSync(descriptor, bytes);
    closeSync(descriptor);
    makeOld(path);
    for (const round of ['computed', 'remembered']) {
      const digests = digestsIn(await peer.ask(kinds.digests, {path: 'old'}));
      assert.deepEqual(digests.subarray(0, 32), digestOf('sha256', bytes.subarray(0, block)));
      const hashed = (await peer.ask(kinds.hash, {path: 'old'})).at(-1) ?? assert.fail();
      assert.equal(json(hashed).digest, createHash('sha256').update(bytes).digest('hex'), round);
    }

    // A root digest after a part shows that the digests of all other blocks were remembered.
    const part = await peer.ask(kinds.get, {path: 'old', ranges: [[0, block]]});
    assert.ok(json(part.at(-1) ?? assert.fail()).root);
  }
});

test('hash gives the hash of the first bytes, or of the whole file if it has fewer', async () => {
  const bytes = patternedBytes(2 * block + 77);
  await using folder = await ServedFolder.start({file: bytes, empty: ''});
  const peer = await folder.peer();
  // The default algorithm is SHA-256.
  for (const algorithm of [undefined, 'sha1', 'sha256', 'blake3'] as const) {
    for (const length of [undefined, 0, 1, block, block + 1, bytes.length, 2 ** 50]) {
      const frames = await peer.ask(kinds.hash, {path: 'file', length, algorithm});
      const {digest, length: hashed, size} = json(frames.at(-1) ?? assert.fail());
      const expected = Math.min(length ?? bytes.length, bytes.length);
      assert.equal(hashed, expected);
      assert.equal(size, bytes.length);
      const front = bytes.subarray(0, expected);
      const hash =
        algorithm === 'blake3'
          ? digestOf('blake3', front)
          : createHash(algorithm ?? 'sha256')
              .update(front)
              .digest();
      assert.equal(digest, hash.toString('hex'));
    }
  }

  const [empty] = await peer.ask(kinds.hash, {path: 'empty', algorithm: 'sha1'});
  assert.equal(json(empty ?? assert.fail()).digest, createHash('sha1').digest('hex'));
});

test('a hash that was computed is remembered', async () => {
  await using folder = await ServedFolder.start();
  const path = join(folder.path, 'old');
  sparse(path, 200 * block);
  utimesSync(path, 1_600_000_000, 1_600_000_000);
  const peer = await folder.peer();
  const ask = async () => {
    const effortMs = startEffort();
    const frames = await peer.ask(kinds.hash, {path: 'old'});
    assert.equal(frames.at(-1)?.kind, kinds.hashed);
    return effortMs();
  };
  const first = await ask();
  // Digests of a file that changed less than two seconds ago are not remembered, so ask until they are.
  let again = await ask();
  for (const end = performance.now() + 60_000; again > first / 3 && performance.now() < end; ) {
    again = await ask();
  }

  assert.ok(again < first / 3, `${first} ms, then ${again} ms`);
});

test('a request for the root digest of a file that is too large gets an error', async () => {
  await using folder = await ServedFolder.start();
  try {
    sparse(join(folder.path, 'huge'), 5 * 2 ** 40);
  } catch {
    // This file system does not allow files of this size.
    return;
  }

  const peer = await folder.peer();
  for (const range of [{}, {from: 7, to: 7}]) {
    peer.request(kinds.digests, {path: 'huge', ...range});
    assert.equal(await peer.errorCode(), 'too_large');
  }

  const part = await peer.ask(kinds.digests, {path: 'huge', from: 7, to: 9});
  assert.equal(digestsIn(part).length, 64);
  const last = 5 * 2 ** 40 - block;
  const frames = await peer.ask(kinds.get, {path: 'huge', ranges: [[last, block]]});
  assert.equal(frames.at(-1)?.kind, kinds.end);
});
