import assert from 'node:assert/strict';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {pino} from 'pino';
import {rootPath} from '../../../protocol/remote-path.ts';
import {startCluster} from '../../../server/cluster/keeper.ts';
import {noCounts} from '../../../server/metrics/counts.ts';
import {openRoot} from '../../../server/roots/open-root.ts';
import {startServer} from '../../../server/server.ts';
import {ownLongWork} from '../../../server/waiting/long-work.ts';
import {path} from '../../fixtures/harness.ts';
import {kinds, RawPeer} from '../../fixtures/server/server-raw-peer.ts';
import {secret, sendError, startFalseS3} from '../store/bucket/false-s3.ts';

const emptyListing = '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';

function setKeys(t: TestContext, id: string | undefined): void {
  const before = {...process.env};
  t.after(() => {
    process.env = before;
  });
  process.env.AWS_SHARED_CREDENTIALS_FILE = '/nowhere';
  delete process.env.AWS_ACCESS_KEY_ID;
  if (id !== undefined) {
    process.env.AWS_ACCESS_KEY_ID = id;
    process.env.AWS_SECRET_ACCESS_KEY = secret;
  }
}

test('a server of a bucket that cannot be served does not start, and says why', async t => {
  setKeys(t, undefined);
  const {place, seen} = await startFalseS3(t, (_, response) =>
    sendError(response, 403, 'InvalidAccessKeyId'),
  );
  const start = (s3Endpoint = place.endpoint.origin) =>
    startServer({root: 's3://photos/a', s3Endpoint, port: 0});
  await assert.rejects(start(), {code: 'forbidden', message: /AWS_ACCESS_KEY_ID/});
  assert.equal(seen.length, 0);
  setKeys(t, 'AKIDTEST');
  await assert.rejects(start(), {
    code: 'forbidden',
    message: /^'s3:\/\/photos\/a' cannot be served: .*InvalidAccessKeyId/,
  });
  assert.equal(seen.length, 1);
  await assert.rejects(start('http://127.0.0.1:1'), {code: 'busy', message: /ECONNREFUSED/});
});

test('an empty bucket is served as an empty folder, with one request for its keys', async t => {
  setKeys(t, 'AKIDTEST');
  const {place, seen} = await startFalseS3(t, (_, response) => response.end(emptyListing));
  const server = await startServer({
    ...{root: 's3://photos/a b', s3Endpoint: place.endpoint.origin, port: 0},
  });
  t.after(() => server.close({graceMs: 0}));
  assert.match(seen[0] ?? '', /^GET \/photos\?list-type=2&.*&prefix=a%20b%2F&delimiter=%2F$/);
  const peer = await RawPeer.greeted(server);
  t.after(() => peer.socket.destroy());
  const frames = await peer.ask(kinds.list, {path: ''});
  assert.deepEqual(JSON.parse(frames.at(-1)?.payload.toString() ?? ''), {count: 0});
  assert.equal(seen.length, 2);
});

test('a search with masks that would take for ever ends in time, and the server answers others meanwhile', async t => {
  setKeys(t, 'AKIDTEST');
  const {place} = await startFalseS3(t, (_, response) =>
    response.end(
      emptyListing.replace(
        '<Is',
        `<Contents><Key>${'a'.repeat(250)}</Key><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents><Is`,
      ),
    ),
  );
  const server = await startServer({
    ...{root: 's3://photos', s3Endpoint: place.endpoint.origin, port: 0},
    deadlines: {maskMs: 500},
  });
  t.after(() => server.close({graceMs: 0}));
  const [hostile, other] = [await RawPeer.greeted(server), await RawPeer.greeted(server)];
  t.after(() => [hostile, other].map(peer => peer.socket.destroy()));
  let isOver = false;
  const searching = hostile
    .ask(kinds.find, {path: '', masks: ['*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b']})
    .then(frames => {
      isOver = true;
      return frames;
    });
  for (let asked = 0; asked < 5; asked++) {
    const [entry] = await other.ask(kinds.list, {path: ''});
    assert.match(entry?.payload.toString() ?? '', /aaa/);
  }

  assert.equal(isOver, false);
  const frames = await searching;
  assert.equal(JSON.parse(frames.at(-1)?.payload.toString() ?? '').code, 'bad_mask');
});

test('several processes serve one bucket, and none of them if it cannot be served', async t => {
  setKeys(t, 'AKIDTEST');
  let isRefused = false;
  const {place, seen} = await startFalseS3(t, (_, response) =>
    isRefused ? sendError(response, 403, 'AccessDenied') : response.end(emptyListing),
  );
  const start = () =>
    startCluster({
      ...{root: 's3://photos', s3Endpoint: place.endpoint.origin, port: 0, processes: 2},
      ...{doorOptions: {}, isLocal: true, logLevel: 'silent'},
    });
  const server = await start();
  t.after(() => server.close({graceMs: 0}));
  assert.equal(seen.length, 2);
  const peer = await RawPeer.greeted(server);
  t.after(() => peer.socket.destroy());
  const frames = await peer.ask(kinds.list, {path: ''});
  assert.deepEqual(JSON.parse(frames.at(-1)?.payload.toString() ?? ''), {count: 0});
  isRefused = true;
  await assert.rejects(start(), {code: 'forbidden', message: /cannot be served: .*AccessDenied/});
});

test('the holder of a token for a folder of a bucket sees the keys below it', async t => {
  setKeys(t, 'AKIDTEST');
  const {place, seen} = await startFalseS3(t, (_, response) => response.end(emptyListing));
  const root = openRoot(
    {root: 's3://photos/p', s3Endpoint: place.endpoint.origin},
    {
      ...{longWork: ownLongWork(), processes: 1, maskMs: 1000, counts: noCounts()},
      logger: pino({level: 'silent'}),
    },
  );
  t.after(() => root.close());
  const {signal} = new AbortController();
  for (const [folder, prefix] of [
    ['a b/c', /&prefix=p%2Fa%20b%2Fc%2F&/],
    ['', /&prefix=p%2F&/],
  ] as const) {
    const store = folder === '' ? root.store : root.open(root.placeOf(path(folder)));
    await Array.fromAsync(store.list(rootPath, signal));
    assert.match(seen.at(-1) ?? '', prefix);
  }
});
