/** Digests in a bucket in memory: what two servers do with each other's objects. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {hash} from 'node:crypto';
import {type TestContext, test} from 'node:test';
import {BucketShelf} from '../../../../server/store/bucket/bucket-shelf.ts';
import {S3Client} from '../../../../server/store/bucket/s3/s3-client.ts';
import {sendError, shortPatience, startFalseS3} from './false-s3.ts';

const file = {path: 'a', state: 's', size: 8 * 1_048_576, algorithm: 'sha256'} as const;

/** Digests of `count` blocks from `first` on. All of their bytes are `value`. */
function run(first: number, count: number, value = 1) {
  return {first, digests: Buffer.alloc(count * 32, value)};
}

type Kept = {body: Buffer; second: number};

/** A bucket in memory. The test sets its clock. `forbids` are methods that the access keys may not use. */
async function memoryBucket(t: TestContext, forbids: readonly string[] = []) {
  const objects = new Map<string, Kept>();
  const clock = {second: 100};
  const {place, seen} = await startFalseS3(t, async (request, response) => {
    const method = request.method ?? '';
    const url = new URL(request.url ?? '', 'http://bucket');
    const key = decodeURIComponent(url.pathname.slice('/bkt/'.length));
    const object = objects.get(key);
    const parts: Buffer[] = [];
    for await (const part of request) {
      parts.push(part);
    }

    const dateOf = ({second}: Kept) => new Date(second * 1000);
    if (forbids.includes(method)) {
      sendError(response, 403, 'AccessDenied');
    } else if (url.searchParams.has('list-type')) {
      const prefix = url.searchParams.get('prefix') ?? '';
      const contents = [...objects]
        .filter(([key]) => key.startsWith(prefix))
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(
          ([key, kept]) =>
            `<Contents><Key>${key}</Key><Size>${kept.body.length}</Size><LastModified>${dateOf(kept).toISOString()}</LastModified></Contents>`,
        );
      response.end(
        `<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join('')}</ListBucketResult>`,
      );
    } else if (method === 'PUT' && object !== undefined && request.headers['if-none-match']) {
      sendError(response, 412, 'PreconditionFailed');
    } else if (method === 'PUT') {
      objects.set(key, {body: Buffer.concat(parts), second: clock.second});
      response.end();
    } else if (method === 'DELETE') {
      objects.delete(key);
      response.writeHead(204).end();
    } else if (object === undefined) {
      sendError(response, 404, 'NoSuchKey');
    } else {
      response.writeHead(200, {
        ETag: `"${hash('md5', object.body, 'hex')}"`,
        'Content-Length': object.body.length,
        'Last-Modified': dateOf(object).toUTCString(),
      });
      response.end(method === 'HEAD' ? undefined : object.body);
    }
  });
  const shelf = () => {
    const s3 = new S3Client(place, shortPatience);
    t.after(() => s3.close());
    return new BucketShelf(s3, '');
  };
  return {objects, clock, shelf, seen};
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
  const {objects, shelf, seen} = await memoryBucket(t, ['DELETE']);
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
  assert.equal(seen.filter(line => line.startsWith('DELETE')).length, 1);
});
