/** Digests in a bucket in memory: what two servers do with each other's objects. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {type TestContext, test} from 'node:test';
import {maxSectionBytes} from '../../../../server/indexes/shelves/section-bytes.ts';
import {BucketShelf} from '../../../../server/store/bucket/bucket-shelf.ts';
import {S3Client} from '../../../../server/store/bucket/s3/s3-client.ts';
import {calmPatience, MemoryBucket} from './memory-bucket.ts';

const file = {path: 'a', state: 's', size: 8 * 1_048_576, algorithm: 'sha256'} as const;

/** Digests of `count` blocks from `first` on. All of their bytes are `value`. */
function run(first: number, count: number, value = 1) {
  return {first, digests: Buffer.alloc(count * 32, value)};
}

/** A bucket whose clock the test sets. `forbids` are methods that the access keys of its servers may not use. */
async function memoryBucket(t: TestContext, forbids: readonly string[] = []) {
  const bucket = await MemoryBucket.start(t, {forbids});
  const clock = {second: 100};
  bucket.clock = () => clock.second * 1000;
  const shelf = () => {
    const s3 = new S3Client(bucket.place(), calmPatience);
    t.after(() => s3.close());
    return new BucketShelf(s3, '');
  };
  return {objects: bucket.objects, clock, shelf, bucket};
}

test('a newly computed digest replaces a wrong one of another server', async t => {
  const {clock, objects, shelf} = await memoryBucket(t);
  const [bad, good] = [shelf(), shelf()];
  await bad.save(file, 0, [run(0, 8, 99)]);
  clock.second++;
  await good.save(file, 0, [run(3, 1)]);
  const loaded = await shelf().load(file, 0);
  assert.deepEqual(
    Buffer.concat(loaded.map(({digests}) => Buffer.from(digests))),
    Buffer.concat([run(0, 3, 99), run(3, 1), run(4, 4, 99)].map(({digests}) => digests)),
  );
  clock.second++;
  await good.save(file, 0, [run(0, 8)]);
  assert.equal(objects.size, 1);
  assert.deepEqual(await bad.load(file, 0), [run(0, 8)]);
});

test('an earlier object becomes the newest again when its digests are saved again', async t => {
  const {clock, objects, shelf} = await memoryBucket(t);
  await shelf().save(file, 0, [run(0, 7)]);
  clock.second++;
  await shelf().save(file, 0, [run(0, 7, 99)]);
  clock.second++;
  assert.equal(objects.size, 2);
  await shelf().save(file, 0, [run(0, 7)]);
  assert.deepEqual(await shelf().load(file, 0), [run(0, 7)]);
});

test('two servers with different complete sections leave one object', async t => {
  for (let round = 0; round < 5; round++) {
    const {objects, shelf} = await memoryBucket(t);
    const [one, other] = [shelf(), shelf()];
    await Promise.all([one.save(file, 0, [run(0, 8, 1)]), other.save(file, 0, [run(0, 8, 2)])]);
    assert.equal(objects.size, 1);
    assert.equal((await shelf().load(file, 0)).length, 1);
  }
});

test('two servers with different digests of some blocks remove neither object', async t => {
  const {objects, shelf} = await memoryBucket(t);
  const [one, other] = [shelf(), shelf()];
  await one.save(file, 0, [run(0, 2, 1)]);
  await other.save(file, 0, [run(0, 2, 2)]);
  await Promise.all([one.load(file, 0), other.load(file, 0)]);
  await Promise.all([one.save(file, 0, [run(0, 2, 1)]), other.save(file, 0, [run(0, 2, 2)])]);
  assert.equal(objects.size, 2);
});

test('with access keys that may not remove objects, only complete sections are saved', async t => {
  const {objects, shelf, bucket} = await memoryBucket(t, ['DELETE']);
  const keeper = shelf();
  await keeper.save(file, 0, [run(0, 1)]);
  await keeper.save(file, 0, [run(0, 2)]);
  assert.equal(objects.size, 2);
  for (const count of [3, 4, 5, 6, 7]) {
    await keeper.save(file, 0, [run(0, count)]);
  }

  assert.equal(objects.size, 2);
  await keeper.save(file, 0, [run(0, 8)]);
  assert.equal(objects.size, 3);
  assert.deepEqual(await shelf().load(file, 0), [run(0, 8)]);
  assert.equal(bucket.count('DELETE'), 1);
});

test('a shelf loses nothing of what several servers save, and keeps one object', async t => {
  const {clock, objects, shelf} = await memoryBucket(t);
  const [one, other] = [shelf(), shelf()];
  await Promise.all([one.save(file, 0, [run(0, 2)]), other.save(file, 0, [run(4, 3, 2)])]);
  assert.equal(objects.size, 2);
  for (const reader of [one, other, shelf()]) {
    assert.deepEqual(await reader.load(file, 0), [run(0, 2), run(4, 3, 2)]);
  }

  // Each removes what it knows to be in its own.
  await one.save(file, 0, [run(0, 3), run(4, 3, 2)]);
  assert.equal(objects.size, 1);
  assert.deepEqual(await other.load(file, 0), [run(0, 3), run(4, 3, 2)]);
  await shelf().save(file, 0, [run(7, 1)]);
  clock.second++;
  await other.save(file, 0, [run(0, 8)]);
  assert.equal(objects.size, 1);
  assert.deepEqual(await one.load(file, 0), [run(0, 8)]);
  assert.deepEqual(await one.load({...file, state: 't'}, 0), []);
});

test('an object that is damaged, too large or none of a shelf is not believed, and does not hide the others', async t => {
  const {bucket, clock, objects, shelf} = await memoryBucket(t);
  await shelf().save(file, 0, [run(0, 4)]);
  const [name = ''] = objects.keys();
  const folder = name.slice(0, -32);
  const bytes = objects.get(name)?.body ?? assert.fail();
  clock.second++;
  bucket.write(`${folder}${'a'.repeat(32)}`, 'x'.repeat(300));
  bucket.write(`${folder}${'b'.repeat(32)}`, Buffer.alloc(maxSectionBytes + 1));
  // Names that no shelf gives.
  bucket.write(`${folder}${'c'.repeat(31)}`, bytes);
  bucket.write(`${folder}${'d'.repeat(33)}`, bytes);
  bucket.write(`${folder}${'G'.repeat(32)}`, bytes);
  bucket.seen.length = 0;
  assert.deepEqual(await shelf().load(file, 0), [run(0, 4)]);
  // The listing, and the head and the content of each object that may be one.
  assert.deepEqual([bucket.count('HEAD'), bucket.count('GET')], [2, 3]);
});

test('of one block nothing is kept, and the bucket is not asked: it is read as soon as its digest', async t => {
  const {bucket, shelf} = await memoryBucket(t);
  for (const size of [5, 1_048_576]) {
    await shelf().save({...file, size}, 0, [run(0, 1)]);
    assert.deepEqual(await shelf().load({...file, size}, 0), []);
  }

  assert.deepEqual(bucket.seen, []);
  await shelf().save({...file, size: 1_048_577}, 0, [run(0, 1)]);
  assert.equal(bucket.objects.size, 1);
});

/** From now on the clock that measures durations is so many milliseconds ahead. */
function laterBy(t: TestContext): (ms: number) => void {
  const now = performance.now.bind(performance);
  let ahead = 0;
  t.mock.method(performance, 'now', () => now() + ahead);
  return ms => {
    ahead += ms;
  };
}

test('keys that may not write are told so once, and the next write is tried after ten minutes', async t => {
  const {bucket, shelf} = await memoryBucket(t, ['PUT']);
  const later = laterBy(t);
  const reader = shelf();
  for (const writes of [1, 2]) {
    await assert.rejects(reader.save(file, 0, [run(0, 1)]), {code: 'forbidden'});
    await reader.save(file, 0, [run(0, 2)]);
    later(540_000);
    await reader.save(file, 0, [run(0, 3)]);
    assert.equal(bucket.count('PUT'), writes);
    assert.deepEqual(await reader.load(file, 0), []);
    later(60_001);
  }
});

test('keys that may not remove objects are tried again after ten minutes', async t => {
  const {bucket, clock, objects, shelf} = await memoryBucket(t, ['DELETE']);
  const later = laterBy(t);
  const keeper = shelf();
  for (const deletes of [1, 2]) {
    for (const count of [1, 2, 3]) {
      clock.second++;
      await keeper.save(file, 0, [run(0, count, deletes)]);
    }

    assert.deepEqual([bucket.count('DELETE'), objects.size], [deletes, 2 * deletes]);
    later(600_001);
  }
});

test('a section that has all digests is read from one object, and the newest counts', async t => {
  const {bucket, clock, shelf} = await memoryBucket(t);
  await shelf().save(file, 0, [run(0, 5, 9)]);
  clock.second++;
  await shelf().save(file, 0, [run(0, 4, 7)]);
  assert.deepEqual(await shelf().load(file, 0), [
    {first: 0, digests: Buffer.concat([run(0, 4, 7).digests, run(4, 1, 9).digests])},
  ]);
  clock.second++;
  // Written as by a server whose keys may not remove anything.
  const {bucket: elsewhere, shelf: keeper} = await memoryBucket(t);
  await keeper().save(file, 0, [run(0, 8)]);
  for (const [key, {body}] of elsewhere.objects) {
    bucket.write(key, body);
  }

  bucket.seen.length = 0;
  assert.deepEqual(await shelf().load(file, 0), [run(0, 8)]);
  assert.equal(bucket.count('HEAD'), 1);
});
