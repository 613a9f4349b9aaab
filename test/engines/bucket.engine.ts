/** A bucket of Ceph as a root: the promises of every store, and those of buckets only. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import process from 'node:process';
import {after, type TestContext, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {inspect} from 'node:util';
import {pino} from 'pino';
import {availableAlgorithms, blockSize, digestSize, rootDigest} from '../../protocol/block.ts';
import {isJangadaError} from '../../protocol/errors.ts';
import {startServer} from '../../server/server.ts';
import {BucketShelf} from '../../server/store/bucket/bucket-shelf.ts';
import {BucketStore} from '../../server/store/bucket/bucket-store.ts';
import type {BucketPlace} from '../../server/store/bucket/s3/bucket-place.ts';
import {S3Client} from '../../server/store/bucket/s3/s3-client.ts';
import {noise, path, startHarness, treeOf, until} from '../fixtures/harness.ts';
import {assertVerified} from '../fixtures/outcome.ts';
import {json, kinds, RawPeer} from '../fixtures/server/server-raw-peer.ts';
import {type Subject, testContract} from '../server/store/store-contract.ts';
import {type Ceph, startCeph, whyNoCeph} from './ceph.ts';
import {S3Writer} from './s3-writer.ts';

const skip = whyNoCeph();
let started: Promise<Ceph> | undefined;
let buckets = 0;

/** One cluster for all tests of this file. The first test starts it. */
function ceph(): Promise<Ceph> {
  started ??= startCeph();
  return started;
}

after(async () => {
  await (await started)?.close();
});

async function bucketSubject(prefix: string): Promise<Subject> {
  const cluster = await ceph();
  const writer = await S3Writer.of(cluster, `bucket-${++buckets}`);
  const store = storeOf(cluster, writer.bucket, prefix);
  return {
    ...{store, hasRawNames: false, keepsTimes: false},
    write: (name, bytes) => writer.write(prefix + name, bytes),
    makeFolder: name => writer.write(`${prefix}${name}/`, ''),
    async [Symbol.asyncDispose]() {
      await store.close();
    },
  };
}

function storeOf(cluster: Ceph, bucket: string, prefix: string): BucketStore {
  return BucketStore.at(placeOf(cluster, bucket, prefix), {maskMs: 2000});
}

function placeOf(cluster: Ceph, bucket: string, prefix: string): BucketPlace {
  const {accessKeyId, endpoint, secretAccessKey} = cluster;
  const credentials = {accessKeyId, secretAccessKey};
  return {bucket, prefix, region: 'us-east-1', endpoint: new URL(endpoint), credentials};
}

testContract('a bucket', () => bucketSubject(''), {skip});
testContract('a prefix of a bucket', () => bucketSubject('some where/ü+/'), {skip});

/** A store over a new bucket with these objects. */
async function filled(t: TestContext, objects: Record<string, Uint8Array | string>) {
  const cluster = await ceph();
  const writer = await S3Writer.of(cluster, `bucket-${++buckets}`);
  for (const [key, bytes] of Object.entries(objects)) {
    await writer.write(key, bytes);
  }

  const store = storeOf(cluster, writer.bucket, '');
  t.after(() => store.close());
  return {cluster, writer, store};
}

const here = () => ({peer: 'here', signal: new AbortController().signal});

async function namesIn(store: BucketStore, folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(store.list(path(folder), here().signal));
  return entries
    .flat()
    .map(({name, type}) => (type === 'folder' ? `${name}/` : name))
    .sort();
}

/** How many entries the masks find. */
async function countFound(store: BucketStore, folder: string, masks: string[], folders = false) {
  const search = {path: path(folder), masks, folders};
  const frames = await Array.fromAsync(store.find(search, here()));
  return frames.reduce((sum, {entries}) => sum + entries, 0);
}

test('keys that are no valid path are neither listed nor served', {skip}, async t => {
  const longest = 'n'.repeat(255);
  const ofFolders = `${'k'.repeat(250)}/`.repeat(4);
  const hidden = {
    ...{'a//b': '1', '/c': '1', './d': '1', 'e/../f': '1', 'g/./h': '1', [`${longest}n`]: '1'},
    [`${'d/'.repeat(70)}x`]: '1',
    ...{'.jangada-digests/ab/cd': '1', 'sub/.jangada-digests/x': '1', 'p.jangada-part': '1'},
  };
  const odd = 'line\nend \x1b[31m\x01';
  const shown = {
    [longest]: '1',
    [odd]: '1',
    'plus+ %41 & ü/ok ✓ 😀': '1',
    'sub/one': '1',
    [ofFolders]: '',
  };
  const {store} = await filled(t, {...hidden, ...shown});
  assert.deepEqual(
    await namesIn(store, ''),
    [
      ...[longest, odd, 'plus+ %41 & ü/', 'sub/', `${'k'.repeat(250)}/`],
      // Folders whose keys all have no valid path.
      ...['a/', 'd/', 'e/', 'g/'],
    ].sort(),
  );
  assert.deepEqual(await namesIn(store, 'sub'), ['one']);
  assert.deepEqual(await namesIn(store, 'a'), []);
  assert.deepEqual(await namesIn(store, 'plus+ %41 & ü'), ['ok ✓ 😀']);
  assert.equal(await countFound(store, '', ['**']), 4);
  for (const name of ['.jangada-digests/ab/cd', 'sub/.jangada-digests/x', '.jangada-digests']) {
    await assert.rejects(store.stat(path(name)), {code: 'not_found'});
    await assert.rejects(store.open(path(name)), {code: 'not_found'});
    assert.equal((await store.load([[path(name), 1]])).files[0]?.kind, 'error');
  }

  const file = await store.open(path('plus+ %41 & ü/ok ✓ 😀'));
  const into = Buffer.alloc(1);
  assert.equal(await file.read(into, 0), 1);
  assert.equal(into.toString(), '1');
  file.close();
});

test('a name that is an object and a folder is shown as the folder', {skip}, async t => {
  const {store} = await filled(t, {
    ...{both: 'x', 'both!': 'y', 'both.txt': 'z', 'both/below': '1', one: '2'},
    ...{'in/both': 'x', 'in/both/': ''},
  });
  assert.deepEqual(await namesIn(store, ''), ['both!', 'both.txt', 'both/', 'in/', 'one']);
  assert.deepEqual(await namesIn(store, 'in'), ['both/']);
  assert.equal((await store.stat(path('both'))).type, 'folder');
  // both, both!, both.txt, both/below, in, in/both, one
  assert.equal(await countFound(store, '', ['**'], true), 7);
  assert.equal(await countFound(store, '', ['both']), 0);
});

test('a listing of several pages has each key once', {skip}, async t => {
  const names = Array.from({length: 2345}, (_, index) => String(index).padStart(5, '0'));
  const {store, writer} = await filled(t, {});
  for (let at = 0; at < names.length; at += 40) {
    await Promise.all(names.slice(at, at + 40).map(name => writer.write(`d/${name}`, '')));
  }

  assert.deepEqual(await namesIn(store, 'd'), names);
  assert.equal(await countFound(store, 'd', ['**', '!0000*']), 2335);
  assert.equal(await countFound(store, '', ['d/010*']), 100);
});

test('a token sees the folder that it is for, and nothing above it', {skip}, async t => {
  const {store} = await filled(t, {top: '1', 'sub/one': '2', 'sub/deep/two': '3'});
  const below = store.below(path('sub'));
  assert.deepEqual(await namesIn(below, ''), ['deep/', 'one']);
  await assert.rejects(below.stat(path('top')), {code: 'not_found'});
  const file = await below.open(path('one'));
  assert.equal(file.path, 'sub/one');
  file.close();
  // The other store closes the connections.
  await below.close();
  assert.deepEqual(await namesIn(store, 'sub'), ['deep/', 'one']);
});

test('an object that is replaced while it is read counts as changed, and old and new bytes are never mixed', {
  skip,
}, async t => {
  const {store, writer} = await filled(t, {a: noise(12 * blockSize, 1)});
  const file = await store.open(path('a'));
  const into = Buffer.alloc(blockSize);
  await file.read(into, 0);
  await writer.write('a', noise(12 * blockSize, 2));
  await assert.rejects(async () => file.read(into, blockSize), {code: 'changed'});
  file.willRead?.([{from: 2, to: 12}]);
  await assert.rejects(async () => file.read(into, 2 * blockSize), {code: 'changed'});
  file.close();
  await writer.remove('a');
  await assert.rejects(store.open(path('a')), {code: 'not_found'});
});

test('clients download large and small files, with the right bytes', {skip}, async t => {
  const objects: Record<string, Uint8Array> = {big: noise(30 * blockSize + 7), empty: noise(0)};
  for (let index = 0; index < 200; index++) {
    objects[`small/${index}`] = noise(index * 37, index + 1);
  }

  const {store} = await filled(t, objects);
  const harness = await startHarness(t, {server: {root: store}});
  const names = Object.keys(objects);
  const ended = await harness.download(names, {sizes: true});
  for (const row of ended) {
    assertVerified(row);
  }

  const tree = treeOf(harness.target);
  assert.equal(tree.size, names.length);
  for (const [name, bytes] of Object.entries(objects)) {
    assert.ok(tree.get(name)?.equals(bytes), name);
  }
});

test('neither logs nor errors contain the keys of the server', {skip}, async t => {
  const {cluster, writer} = await filled(t, {a: '1'});
  const lines: string[] = [];
  const logger = pino({level: 'trace'}, {write: line => lines.push(line)});
  const {accessKeyId, endpoint, secretAccessKey} = cluster;
  const start = (secret: string, bucket: string) => {
    process.env.AWS_ACCESS_KEY_ID = accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = secret;
    return startServer({root: `s3://${bucket}`, s3Endpoint: endpoint, port: 0, logger});
  };
  const server = await start(secretAccessKey, writer.bucket);
  await server.close();
  const errors: unknown[] = [];
  for (const [secret, bucket, code] of [
    [`${secretAccessKey}x`, writer.bucket, 'forbidden'],
    [secretAccessKey, 'no-such-bucket', 'not_found'],
  ] as const) {
    await assert.rejects(start(secret, bucket), error => {
      errors.push(error);
      return isJangadaError(error, code);
    });
  }

  const told = lines.join('') + inspect(errors, {depth: 10});
  assert.ok(lines.length > 0);
  assert.ok(!told.includes(secretAccessKey) && !told.includes(accessKeyId));
});

/** The names of all objects that hold digests, sorted. */
async function shelved(s3: S3Client): Promise<string[]> {
  const {items} = await s3.keys({prefix: '.jangada-digests/', folders: false});
  return items.map(({key}) => key).sort();
}

test('digests are kept in the bucket, so no other server of it reads the file again', {
  skip,
}, async t => {
  const big = noise(30 * blockSize + 7);
  const {cluster, store, writer} = await filled(t, {big});
  const first = await startHarness(t, {server: {root: store}});
  const [row] = await first.download(['big']);
  assert.ok(row !== undefined);
  assertVerified(row);
  await first.server.close({graceMs: 0});
  const s3 = new S3Client(placeOf(cluster, writer.bucket, ''));
  t.after(() => s3.close());
  assert.equal((await shelved(s3)).length, 1);
  const other = storeOf(cluster, writer.bucket, '');
  t.after(() => other.close());
  const reads = noteReads(other);
  const second = await startHarness(t, {server: {root: other}});
  const peer = await RawPeer.greeted(second.server);
  t.after(() => peer.socket.destroy());
  const [algorithm = 'sha256'] = availableAlgorithms();
  const frames = await peer.ask(kinds.digests, {path: 'big', algorithm});
  const end = json(frames.at(-1) ?? assert.fail());
  const digests = Buffer.concat(frames.slice(0, -1).map(({payload}) => payload));
  assert.equal(end.root, rootDigest(algorithm, digests).toString('hex'));
  assert.deepEqual(reads, []);
  // A new state of the file has new digests.
  await writer.write('big', noise(30 * blockSize + 7, 2));
  const changed = await peer.ask(kinds.digests, {path: 'big', algorithm});
  assert.notEqual(json(changed.at(-1) ?? assert.fail()).root, end.root);
  assert.equal(reads.length, 31);
  assert.equal((await shelved(s3)).length, 2);
});

test('a shelf in the bucket loses no digests that several servers save, and ends with one object', {
  skip,
}, async t => {
  const {cluster, writer} = await filled(t, {});
  const s3 = new S3Client(placeOf(cluster, writer.bucket, ''));
  t.after(() => s3.close());
  const [one, other] = [new BucketShelf(s3, ''), new BucketShelf(s3, '')];
  const file = {path: 'a', state: 's', size: 8 * blockSize, algorithm: 'sha256'} as const;
  const run = (first: number, count: number) => ({
    first,
    digests: Buffer.concat(
      Array.from({length: count}, (_, at) => Buffer.alloc(digestSize, first + at)),
    ),
  });
  await Promise.all([one.save(file, 0, [run(0, 2)]), other.save(file, 0, [run(4, 3)])]);
  assert.equal((await shelved(s3)).length, 2);
  for (const shelf of [one, other, new BucketShelf(s3, '')]) {
    assert.deepEqual(await shelf.load(file, 0), [run(0, 2), run(4, 3)]);
  }

  // A shelf removes the other objects whose digests are all in its own object.
  await one.save(file, 0, [run(0, 3), run(4, 3)]);
  assert.equal((await shelved(s3)).length, 1);
  assert.deepEqual(await other.load(file, 0), [run(0, 3), run(4, 3)]);
  await new BucketShelf(s3, '').save(file, 0, [run(7, 1)]);
  await other.save(file, 0, [run(0, 8)]);
  assert.equal((await shelved(s3)).length, 1);
  assert.deepEqual(await one.load(file, 0), [run(0, 8)]);
  // The digest of a file of one block is not saved: reading the file takes no longer. Another state has no digests of it.
  await one.save({...file, size: 5}, 0, [run(0, 1)]);
  assert.equal((await shelved(s3)).length, 1);
  assert.deepEqual(await one.load({...file, state: 't'}, 0), []);
  // A damaged object is ignored.
  const [name = ''] = await shelved(s3);
  await writer.write(name, 'x'.repeat(300));
  assert.deepEqual(await one.load(file, 0), []);
});

test('a server whose keys may not write serves files, but saves no digests', {skip}, async t => {
  const big = noise(3 * blockSize);
  const {cluster, store, writer} = await filled(t, {big});
  const reader = await cluster.makeUser('reader');
  await writer.allowReading('reader');
  const readOnly = BucketStore.at(
    {...placeOf(cluster, writer.bucket, ''), credentials: reader},
    {maskMs: 2000},
  );
  t.after(() => readOnly.close());
  const logs: string[] = [];
  const logger = pino({}, {write: line => logs.push(line)});
  const harness = await startHarness(t, {server: {root: readOnly, logger}});
  const [row] = await harness.download(['big']);
  assert.ok(row !== undefined);
  assertVerified(row);
  await harness.server.close({graceMs: 0});
  assert.equal(logs.filter(line => line.includes('cannot save or load digests')).length, 1);
  assert.deepEqual(await namesIn(store, ''), ['big']);
  const s3 = new S3Client(placeOf(cluster, writer.bucket, ''));
  t.after(() => s3.close());
  assert.deepEqual(await shelved(s3), []);
});

// This test is the last: after a gateway was killed, the next one waits for it before some calls.
test('a gateway that is stopped, and one that is killed, cost time but no byte', {
  skip,
}, async t => {
  const big = noise(200 * blockSize + 7);
  const {cluster, store} = await filled(t, {big});
  const reads = noteReads(store);
  const harness = await startHarness(t, {server: {root: store}});
  const downloading = harness.download(['big']);
  await until(() => reads.length > 10);
  cluster.signalGateway('SIGSTOP');
  await delay(2000);
  cluster.signalGateway('SIGCONT');
  await cluster.restartGateway();
  assert.ok(reads.length < 200, 'it was over too soon to be disturbed');
  const [ended] = await downloading;
  assert.ok(ended !== undefined);
  assertVerified(ended);
  assert.ok(treeOf(harness.target).get('big')?.equals(big));
});

/** Make the store record which blocks are read, and slow down its reads so that the test can disturb them. */
function noteReads(store: BucketStore): number[] {
  const reads: number[] = [];
  const open = store.open.bind(store);
  store.open = async where => {
    const file = await open(where);
    const read = file.read.bind(file);
    file.read = async (into, position) => {
      reads.push(position);
      await delay(20);
      return await read(into, position);
    };
    return file;
  };
  return reads;
}
