/** What becomes of requests to a bucket when the client that caused them leaves. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import type {ServerResponse} from 'node:http';
import {type TestContext, test} from 'node:test';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {files} from '../../../../server/operations/files.ts';
import {get} from '../../../../server/operations/get.ts';
import {roots} from '../../../../server/operations/roots.ts';
import {stat} from '../../../../server/operations/stat.ts';
import {BucketStore} from '../../../../server/store/bucket/bucket-store.ts';
import type {FileToLoad} from '../../../../server/store/store.ts';
import {path} from '../../../fixtures/harness.ts';
import {answerOf} from '../../../fixtures/server/answer-of.ts';
import {until} from '../../../fixtures/server/server-folder.ts';
import {shortPatience, startFalseS3} from './false-s3.ts';

const algorithm = 'sha256' as const;

/** As many small objects as the server requests at once. */
const many = 64;

type Ask = [store: BucketStore, changes: {signal: AbortSignal}];

/** A store over a bucket that answers nothing. */
async function silentBucket(t: TestContext) {
  const held: ServerResponse[] = [];
  const {place, seen} = await startFalseS3(t, (_, response) => held.push(response));
  const store = BucketStore.at(place, {maskMs: 2000, patience: shortPatience});
  t.after(() => store.close());
  return {held, seen, store};
}

function named(client: string): FileToLoad[] {
  return Array.from({length: many}, (_, at) => [path(`${client}${at}`), 4]);
}

test('the requests to the bucket are closed when their client leaves, whatever it asked for', async t => {
  const asked = {
    files: [many, ask => answerOf(files, {files: named('a'), algorithm}, ...ask)],
    roots: [many, ask => answerOf(roots, {files: named('a'), algorithm}, ...ask)],
    // Whether there is an object, and whether there is a folder.
    stat: [2, ask => answerOf(stat, {path: path('a')}, ...ask)],
    get: [1, ask => answerOf(get, {path: path('a'), algorithm, clip: false}, ...ask)],
  } satisfies Record<string, [number, (ask: Ask) => ReturnType<typeof answerOf>]>;
  for (const [name, [count, ask]] of Object.entries(asked)) {
    const {held, seen, store} = await silentBucket(t);
    const leaver = new AbortController();
    const answer = ask([store, {signal: leaver.signal}]);
    await until(() => held.length === count, `${name}: the bucket is asked`);
    const closed = held.map(response => once(response, 'close'));
    leaver.abort();
    const {error, lines} = await answer;
    assert.ok(isJangadaError(error, 'aborted'), name);
    await Promise.all(closed);
    assert.equal(seen.length, count, name);
    assert.deepEqual(lines, [], name);
  }
});

test('requests that wait for a connection to the bucket are not sent when their client has left', async t => {
  const {held, seen, store} = await silentBucket(t);
  const leaver = new AbortController();
  const {signal} = leaver;
  const first = answerOf(files, {files: named('first'), algorithm}, store, {signal});
  await until(() => held.length === many, 'all connections for small objects are in use');
  const second = answerOf(files, {files: named('second'), algorithm}, store, {signal});
  const third = answerOf(files, {files: [[path('third'), 4]], algorithm}, store);
  leaver.abort();
  assert.ok(isJangadaError((await first).error, 'aborted'));
  assert.ok(isJangadaError((await second).error, 'aborted'));
  await until(() => held.length > many, 'the client that stays is served');
  assert.equal(seen.at(-1), 'GET /bkt/third');
  const headers = {ETag: '"one"', 'Last-Modified': new Date(0).toUTCString(), 'Content-Length': 4};
  held.at(-1)?.writeHead(200, headers).end('four');
  assert.equal((await third).error, undefined);
  assert.equal(seen.length, many + 1);
});
