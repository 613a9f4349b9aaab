import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {type TestContext, test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {parseRemotePath} from '../../../../protocol/remote-path.ts';
import {versionOf} from '../../../../server/store/bucket/bucket-file.ts';
import {BucketStore} from '../../../../server/store/bucket/bucket-store.ts';
import {FairQueue} from '../../../../server/waiting/fair-queue.ts';
import {patternedBytes} from '../../../fixtures/server/server-folder.ts';
import {calmPatience, MemoryBucket} from './memory-bucket.ts';

const path = parseRemotePath('a');
const client = () => ({peer: 'here', signal: new AbortController().signal});

/** A bucket with the object `a`, and a store over it; one hash at once. */
async function bucketWith(t: TestContext, bytes: Uint8Array) {
  const bucket = await MemoryBucket.start(t);
  bucket.write('a', bytes);
  const hashJobs = new FairQueue({total: 1, perKey: 1});
  const longWork = {hashJobs, searches: new FairQueue({total: 1, perKey: 1})};
  const store = BucketStore.at(bucket.place(), {
    ...{maskMs: 60_000, patience: calmPatience, longWork},
  });
  t.after(() => store.close());
  return {bucket, store, hashJobs};
}

test('an object that is replaced while it is read has changed, and is never mixed', async t => {
  const {bucket, store} = await bucketWith(t, patternedBytes(12 * blockSize, 1));
  const file = await store.open(path);
  t.after(() => file.close());
  const into = Buffer.alloc(blockSize);
  await file.read(into, 0);
  bucket.write('a', patternedBytes(12 * blockSize, 2));
  const message = "'a' has changed: ask for it again";
  await assert.rejects(async () => file.read(into, blockSize), {code: 'changed', message});
  file.willRead?.([{from: 2, to: 12}]);
  await assert.rejects(async () => file.read(into, 2 * blockSize), {code: 'changed', message});
  const digests = file.digests(
    {algorithm: 'sha256', spans: [{from: 0, to: 2}]},
    {...client(), computed: () => assert.fail()},
  );
  await assert.rejects(digests, {code: 'changed'});
  const question = {algorithm: 'sha1', length: file.size} as const;
  const hash = file.hash(question, {...client(), progress: () => assert.fail()});
  await assert.rejects(hash, {code: 'changed'});
});

test('a read shows that an object is unchanged once; then the bucket is asked', async t => {
  const {bucket, store} = await bucketWith(t, Buffer.from('content'));
  const file = await store.open(path);
  t.after(() => file.close());
  bucket.seen.length = 0;
  assert.equal(await file.unchanged(), true);
  assert.equal(bucket.count('HEAD'), 1);
  await file.read(Buffer.alloc(7), 0);
  assert.equal(await file.unchanged(), true);
  assert.equal(bucket.count('HEAD'), 1);
  assert.equal(await file.unchanged(), true);
  assert.equal(bucket.count('HEAD'), 2);
  // Nothing is read of an object behind its end, so this shows nothing.
  await file.read(Buffer.alloc(7), 7);
  bucket.write('a', 'another');
  assert.equal(await file.unchanged(), false);
  bucket.objects.delete('a');
  assert.equal(await file.unchanged(), false);
});

test('blocks that were announced are fetched in large pieces, and others one by one', async t => {
  const bytes = patternedBytes(6 * blockSize + 5);
  const {bucket, store} = await bucketWith(t, bytes);
  const file = await store.open(path);
  t.after(() => file.close());
  bucket.seen.length = 0;
  file.willRead?.([{from: 0, to: 7}]);
  const into = Buffer.alloc(blockSize);
  for (let block = 0; block < 7; block++) {
    const count = await file.read(into, block * blockSize);
    const expected = bytes.subarray(block * blockSize, (block + 1) * blockSize);
    assert.ok(into.subarray(0, count).equals(expected), `block ${block}`);
  }

  assert.deepEqual(
    bucket.seen.map(line => line.split(' ')[2]),
    [`bytes=0-${4 * blockSize - 1}`, `bytes=${4 * blockSize}-${bytes.length - 1}`],
  );
  await file.read(into, 0);
  assert.equal(bucket.seen.at(-1), `GET /bkt/a bytes=0-${blockSize - 1}`);
});

test('a hash tells how far it is, and gives its turn back, also where it fails', async t => {
  const {bucket, store, hashJobs} = await bucketWith(t, patternedBytes(2 * blockSize + 5));
  const file = await store.open(path);
  t.after(() => file.close());
  const told: number[] = [];
  const question = {algorithm: 'sha1', length: blockSize + 3} as const;
  await file.hash(question, {...client(), progress: bytes => told.push(bytes)});
  assert.deepEqual(told, [blockSize, blockSize + 3]);
  const leaver = new AbortController();
  const left = file.hash(question, {
    peer: 'here',
    signal: leaver.signal,
    progress: () => leaver.abort(),
  });
  await assert.rejects(left, {code: 'aborted'});
  bucket.objects.delete('a');
  await assert.rejects(file.hash(question, {...client(), progress() {}}), {code: 'not_found'});
  // Nobody has the turn.
  (await hashJobs.enter('another', client().signal))();
});

test('a version has the signs and the length of one, whatever the service calls the content', () => {
  assert.equal(versionOf({etag: '"0123-ab_C"'}), '0123-ab_C');
  assert.equal(versionOf({etag: `"${'a'.repeat(64)}"`}), 'a'.repeat(64));
  const others = ['""', 'W/"ab"', '"a b"', `"${'a'.repeat(65)}"`, 'ab', '"ab', '"a/b"'];
  const versions = others.map(etag => versionOf({etag}));
  assert.ok(versions.every(version => /^[0-9a-f]{64}$/.test(version)));
  assert.equal(new Set(versions).size, others.length);
});

test('another content, and the same in another size, has another state', async t => {
  const {bucket, store} = await bucketWith(t, Buffer.from('one'));
  const states = [];
  for (const text of ['one', 'two', 'three']) {
    bucket.write('a', text);
    const file = await store.open(path);
    states.push(file.state);
    file.close();
  }

  assert.equal(new Set(states).size, 3);
  assert.match(states[2] ?? '', /:5$/);
});

test('files that are closed, or announce other blocks, give the memory of what was fetched ahead back', async t => {
  const {bucket, store} = await bucketWith(t, patternedBytes(20 * blockSize));
  // The memory of four files; when little is left, each takes less.
  for (let round = 0; round < 5; round++) {
    const closed = await store.open(path);
    closed.willRead?.([{from: 0, to: 20}]);
    closed.close();
  }

  const other = await store.open(path);
  for (let round = 0; round < 5; round++) {
    other.willRead?.([{from: 0, to: 20}]);
    await other.unchanged();
  }

  other.close();
  const file = await store.open(path);
  t.after(() => file.close());
  // Fetches that were called off may still be stopping; their memory is free after that.
  const deadlineMs = performance.now() + 60_000;
  do {
    await file.unchanged();
    bucket.seen.length = 0;
    file.willRead?.([{from: 0, to: 16}]);
    for (let block = 0; block < 16; block++) {
      await file.read(Buffer.alloc(blockSize), block * blockSize);
    }
  } while (bucket.seen.length !== 4 && performance.now() < deadlineMs);

  assert.equal(bucket.seen.length, 4, bucket.seen.join('\n'));
});
