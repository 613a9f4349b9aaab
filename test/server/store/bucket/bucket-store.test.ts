/** How a store handles paths: for some of them it sends no request to the bucket. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {type TestContext, test} from 'node:test';
import {parseRemotePath} from '../../../../protocol/remote-path.ts';
import {BucketStore} from '../../../../server/store/bucket/bucket-store.ts';
import type {EntryFrame} from '../../../../server/store/entry-frames.ts';
import {type Answering, sendError, shortPatience, startFalseS3} from './false-s3.ts';

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
