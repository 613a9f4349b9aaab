/** How a store handles paths: for some of them it sends no request to the bucket. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {type TestContext, test} from 'node:test';
import {parseRemotePath} from '../../../../protocol/remote-path.ts';
import {BucketStore} from '../../../../server/store/bucket/bucket-store.ts';
import type {EntryFrame} from '../../../../server/store/entry-frames.ts';
import {entriesIn} from '../../../fixtures/server/server-raw-peer.ts';
import {type Answering, sendError, shortPatience, startFalseS3} from './false-s3.ts';
import {calmPatience, MemoryBucket} from './memory-bucket.ts';

const client = {peer: 'a', signal: new AbortController().signal};

async function storeOf(t: TestContext, prefix: string, answer: Answering) {
  const {place, seen} = await startFalseS3(t, answer);
  const options = {maskMs: 2000, patience: shortPatience};
  const store = BucketStore.at({...place, prefix}, options);
  t.after(() => store.close());
  return {store, seen};
}

/** A path of `bytes` bytes. */
function pathOf(bytes: number) {
  const folder = `${'ü'.repeat(99)}a/`;
  const rest = ((bytes - 1) % 200) + 1;
  return parseRemotePath(folder.repeat((bytes - rest) / 200) + 'b'.repeat(rest));
}

function listing(inside: string): string {
  return `<ListBucketResult>${inside}</ListBucketResult>`;
}

const nothing = listing('<IsTruncated>false</IsTruncated>');

/** An empty bucket. */
const empty: Answering = ({url}, response) =>
  url?.includes('list-type') ? response.end(nothing) : sendError(response, 404, 'NoSuchKey');

/** A store over a bucket with these objects, which tells at most three keys at once. */
async function filled(t: TestContext, objects: Record<string, string>) {
  const bucket = await MemoryBucket.start(t, {pageKeys: 3});
  for (const [key, text] of Object.entries(objects)) {
    bucket.write(key, text);
  }

  const store = BucketStore.at(bucket.place(), {maskMs: 60_000, patience: calmPatience});
  t.after(() => store.close());
  return {bucket, store};
}

async function namesIn(store: BucketStore, folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(store.list(parseRemotePath(folder), client.signal));
  return entries
    .flat()
    .map(({name, type}) => (type === 'folder' ? `${name}/` : name))
    .sort();
}

/** Names that the masks find, sorted, with a slash behind those of folders. */
async function find(store: BucketStore, folder: string, masks: string[], folders = false) {
  const search = {path: parseRemotePath(folder), masks, folders};
  const frames = await Array.fromAsync(store.find(search, client));
  return entriesIn(frames.map(({frame}) => ({kind: 0x41, payload: frame.subarray(8)})))
    .map(({name, type}) => (type === 'folder' ? `${name}/` : name))
    .sort();
}

async function all(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const item of items) {
    found.push(item);
  }

  return found;
}

test('a path that is longer than any key is not found, without a request to the bucket', async t => {
  const {store, seen} = await storeOf(t, 'photos/', empty);
  for (const bytes of [1020, 1500, 3000]) {
    const path = pathOf(bytes);
    await assert.rejects(async () => store.stat(path), {code: 'not_found'});
    await assert.rejects(async () => store.open(path), {code: 'not_found'});
    await assert.rejects(all(store.list(path, client.signal)), {code: 'not_found'});
    const search = {path, masks: ['*'], folders: true};
    await assert.rejects(all(store.find(search, client)), {code: 'not_found'});
    const {files} = await store.load([[path, 1]]);
    assert.equal(files[0]?.kind === 'error' && files[0].code, 'not_found');
  }

  const masks = [`${pathOf(1020)}*`, pathOf(1020), '\ud800*'];
  const search = {path: parseRemotePath(''), masks, folders: true};
  assert.deepEqual(await all(store.find(search, client)), []);
  assert.deepEqual(seen, []);
});

test('the bucket gets a request for the longest possible key', async t => {
  const {store, seen} = await storeOf(t, 'photo/', (request, response) =>
    request.method === 'HEAD'
      ? response
          .writeHead(200, {
            ETag: '"e"',
            'Content-Length': 7,
            'Last-Modified': new Date(0).toUTCString(),
          })
          .end()
      : empty(request, response, 0),
  );
  // The key has 1024 bytes. A folder of this name would need a longer key, so there is no request for one.
  const path = pathOf(1018);
  assert.equal(Buffer.byteLength(`photo/${path}`), 1024);
  assert.equal((await store.stat(path)).size, 7);
  assert.equal(seen.length, 1);
});

test('a folder exists even if the first page of its keys is empty', async t => {
  const page = (count: number) =>
    listing(
      count < 3
        ? `<IsTruncated>true</IsTruncated><NextContinuationToken>${count}</NextContinuationToken>`
        : '<IsTruncated>false</IsTruncated><Contents><Key>a/b</Key><Size>1</Size><LastModified>2026-01-02T03:04:05Z</LastModified></Contents>',
    );
  const {store} = await storeOf(t, '', ({url, method}, response) => {
    if (method === 'HEAD') {
      sendError(response, 404, 'NoSuchKey');
    } else {
      const [, token = '0'] = /continuation-token=(\d)/.exec(url ?? '') ?? [];
      response.end(page(Number(token) + 1));
    }
  });
  assert.equal((await store.stat(parseRemotePath('a'))).type, 'folder');
});

test('an object that one mask names and another one matches is found once', async t => {
  const {store} = await storeOf(t, '', ({method, url = ''}, response) => {
    if (url.includes('prefix=a.txt')) {
      response.end(nothing);
    } else if (url.includes('list-type')) {
      const key = '<Key>a.txt</Key><Size>7</Size><LastModified>1970-01-01T00:00:00Z</LastModified>';
      response.end(listing(`<IsTruncated>false</IsTruncated><Contents>${key}</Contents>`));
    } else if (method === 'HEAD' && url === '/bkt/a.txt') {
      const headers = {
        ETag: '"e"',
        'Content-Length': 7,
        'Last-Modified': new Date(0).toUTCString(),
      };
      response.writeHead(200, headers).end();
    } else {
      sendError(response, 404, 'NoSuchKey');
    }
  });
  const search = {path: parseRemotePath(''), masks: ['a.txt', '*.txt'], folders: false};
  const frames: EntryFrame[] = [];
  for await (const frame of store.find(search, client)) {
    frames.push(frame);
  }

  assert.equal(
    frames.reduce((sum, {entries}) => sum + entries, 0),
    1,
  );
});

test('keys that make no path, and those of digests, are not shown and cannot be asked for', async t => {
  const longest = 'n'.repeat(255);
  const odd = 'line\nend \x1b[31m\x01';
  const {bucket, store} = await filled(t, {
    ...{'a//b': '1', '/c': '1', './d': '1', 'e/../f': '1', 'g/./h': '1', [`${longest}n`]: '1'},
    [`${'d/'.repeat(70)}x`]: '1',
    ...{'.jangada-digests/ab/cd': '1', 'sub/.jangada-digests/x': '1', 'p.jangada-part': '1'},
    ...{[longest]: '1', [odd]: '1', 'plus+ %41 & ü/ok ✓ 😀': '1', 'sub/one': '1'},
  });
  assert.deepEqual(
    await namesIn(store, ''),
    // Folders of which nothing that is in them has a path are shown.
    [longest, odd, 'plus+ %41 & ü/', 'sub/', 'a/', 'd/', 'e/', 'g/'].sort(),
  );
  assert.deepEqual(await namesIn(store, 'sub'), ['one']);
  assert.deepEqual(await namesIn(store, 'a'), []);
  const shown = [longest, odd, 'plus+ %41 & ü/ok ✓ 😀', 'sub/one'];
  assert.deepEqual(await find(store, '', ['**']), shown.toSorted());
  bucket.seen.length = 0;
  for (const name of ['.jangada-digests/ab/cd', 'sub/.jangada-digests/x', '.jangada-digests']) {
    const path = parseRemotePath(name);
    await assert.rejects(store.stat(path), {code: 'not_found'});
    await assert.rejects(store.open(path), {code: 'not_found'});
    await assert.rejects(all(store.list(path, client.signal)), {code: 'not_found'});
    assert.throws(() => store.below(path), {code: 'not_found'});
    const {files} = await store.load([[path, 1]]);
    assert.equal(files[0]?.kind === 'error' && files[0].code, 'not_found');
    assert.deepEqual(await find(store, '', [name], true), []);
  }

  assert.deepEqual(bucket.seen, []);
});

test('a name that is an object and a folder is shown as the folder', async t => {
  const {store} = await filled(t, {
    ...{both: 'x', 'both!': 'y', 'both.txt': 'z', 'both/below': '1', one: '2'},
    ...{'in/both': 'x', 'in/both/': ''},
  });
  assert.deepEqual(await namesIn(store, ''), ['both!', 'both.txt', 'both/', 'in/', 'one']);
  assert.deepEqual(await namesIn(store, 'in'), ['both/']);
  assert.equal((await store.stat(parseRemotePath('both'))).type, 'folder');
  assert.deepEqual(await find(store, '', ['**'], true), [
    ...['both!', 'both.txt', 'both/', 'both/below', 'in/', 'in/both/', 'one'],
  ]);
  assert.deepEqual(await find(store, '', ['both']), []);
  assert.deepEqual(await find(store, '', ['both'], true), ['both/']);
});

test('all pages of a long listing are told, each key once', async t => {
  const names = Array.from({length: 40}, (_, index) => String(index).padStart(3, '0'));
  const {store} = await filled(t, Object.fromEntries(names.map(name => [`d/${name}`, ''])));
  assert.deepEqual(await namesIn(store, 'd'), names);
  assert.deepEqual(await find(store, 'd', ['**', '!00*']), names.slice(10));
  assert.deepEqual(
    await find(store, '', ['d/01*']),
    names.slice(10, 20).map(name => `d/${name}`),
  );
});

test('a token sees the folder that it is for, and nothing above it', async t => {
  const {store} = await filled(t, {top: '1', 'sub/one': '2', 'sub/deep/two': '3'});
  const below = store.below(parseRemotePath('sub'));
  assert.equal(below.name, 's3://bkt/sub/');
  assert.deepEqual([below.shelf, store.shelf === undefined], [undefined, false]);
  assert.deepEqual(await namesIn(below, ''), ['deep/', 'one']);
  assert.deepEqual(await find(below, '', ['**']), ['deep/two', 'one']);
  await assert.rejects(below.stat(parseRemotePath('top')), {code: 'not_found'});
  const deep = below.below(parseRemotePath('deep'));
  const file = await deep.open(parseRemotePath('two'));
  assert.equal(file.path, 'sub/deep/two');
  file.close();
  // The connections and the thread are the other one's to close.
  await below.close();
  assert.deepEqual(await find(store, 'sub', ['**']), ['deep/two', 'one']);
});

test('digests are kept in the bucket unless the operator does not want it', async t => {
  const bucket = await MemoryBucket.start(t);
  const store = BucketStore.at(bucket.place(), {maskMs: 2000, keepsDigests: false});
  t.after(() => store.close());
  assert.equal(store.shelf, undefined);
});

test('an error names the path as the client knows it, and not the key', async t => {
  const {store} = await storeOf(t, 'hidden/', ({url}, response) =>
    url?.includes('list-type')
      ? response.end(nothing)
      : sendError(response, url?.includes('locked') ? 403 : 404, 'Some'),
  );
  for (const [name, code] of [
    ['missing', 'not_found'],
    ['locked', 'forbidden'],
  ] as const) {
    const message = /^(?!.*hidden).*'(missing|locked)'/;
    await assert.rejects(store.stat(parseRemotePath(name)), {code, message});
    await assert.rejects(store.open(parseRemotePath(name)), {code, message});
    const {files} = await store.load([[parseRemotePath(name), 3]]);
    assert.partialDeepStrictEqual(files, [{kind: 'error', code}]);
  }
});

test('a search whose client has left asks the bucket for nothing more', async t => {
  const objects = Object.fromEntries(Array.from({length: 60}, (_, at) => [`${at}`, '']));
  const {bucket, store} = await filled(t, objects);
  const leaver = new AbortController();
  const search = {path: parseRemotePath(''), masks: ['**'], folders: false};
  const frames = store.find(search, {peer: 'a', signal: leaver.signal});
  assert.equal((await frames.next()).done, false);
  leaver.abort();
  await assert.rejects(frames.next(), {code: 'aborted'});
  // Of 20 pages only the first, and the one that was asked for ahead.
  assert.ok(bucket.seen.length <= 3, bucket.seen.join('\n'));
});

test('a bucket is reached with one small request, and says why it cannot be', async t => {
  const {bucket, store} = await filled(t, {a: '1', b: '2'});
  await store.reach();
  assert.equal(bucket.seen.length, 1);
  assert.match(bucket.seen[0] ?? '', /[?&]max-keys=1&/);
  const broken = await storeOf(t, '', (_, response) => sendError(response, 404, 'NoSuchBucket'));
  await assert.rejects(broken.store.reach(), {message: 'The bucket does not exist'});
});
