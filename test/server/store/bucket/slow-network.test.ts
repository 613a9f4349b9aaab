/** What a client hears while a block arrives slowly from a bucket. */
import assert from 'node:assert/strict';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {type TestContext, test} from 'node:test';
import {setTimeout as pause} from 'node:timers/promises';
import {blockSize} from '../../../../protocol/block.ts';
import {get} from '../../../../server/operations/get.ts';
import {BucketStore} from '../../../../server/store/bucket/bucket-store.ts';
import {defaultDeadlines} from '../../../../server/waiting/deadlines.ts';
import {noise, path} from '../../../fixtures/harness.ts';
import {answerOf} from '../../../fixtures/server/answer-of.ts';
import {blockOf, kinds} from '../../../fixtures/server/server-raw-peer.ts';
import {shortPatience, startFalseS3} from './false-s3.ts';

const content = noise(blockSize);
const slices = 8;
const sliceMs = 50;

/** Sends nothing for a while, then the object in slices. */
async function answerSlowly({method}: IncomingMessage, response: ServerResponse): Promise<void> {
  const facts = {
    ETag: '"one"',
    'Last-Modified': new Date(0).toUTCString(),
    'Content-Length': content.length,
  };
  if (method === 'HEAD') {
    response.writeHead(200, facts).end();
    return;
  }

  const range = `bytes 0-${content.length - 1}/${content.length}`;
  response.writeHead(206, {...facts, 'Content-Range': range}).flushHeaders();
  for (let slice = 0; slice < slices; slice++) {
    await pause(sliceMs);
    response.write(
      content.subarray((slice * blockSize) / slices, ((slice + 1) * blockSize) / slices),
    );
  }

  response.end();
}

async function framesFor(t: TestContext, options: {progress?: boolean}) {
  const {place} = await startFalseS3(t, answerSlowly);
  const store = BucketStore.at(place, {maskMs: 2000, patience: shortPatience});
  t.after(() => store.close());
  const request = {path: path('a'), algorithm: 'sha256', clip: false, ...options} as const;
  const {frames, error} = await answerOf(get, request, store, {
    deadlines: {...defaultDeadlines, progressMs: 5},
  });
  assert.equal(error, undefined);
  return frames;
}

test('a client that accepts progress hears how many bytes the server has received', async t => {
  const frames = await framesFor(t, {progress: true});
  const told = frames.flatMap(({kind, payload}) =>
    kind === kinds.progress ? [JSON.parse(payload.toString()).done as number] : [],
  );
  assert.ok(told.length > 0);
  const sorted = [...new Set([0, ...told])].toSorted((one, other) => one - other);
  assert.deepEqual([0, ...told], sorted, 'a bucket that gives nothing is silent here, too');
  assert.ok((told.at(-1) ?? 0) <= content.length);
  const [file, ...rest] = frames.filter(({kind}) => kind !== kinds.progress);
  const [block, end] = rest;
  assert.ok(block !== undefined);
  assert.equal(file?.kind, kinds.file);
  assert.deepEqual(blockOf(block).bytes, content);
  assert.equal(end?.kind, kinds.end);
  assert.equal(frames.indexOf(block), told.length + 1, 'it all is told before the block');
});

test('an older client, which accepts no progress, gets none', async t => {
  const frames = await framesFor(t, {});
  assert.deepEqual(
    frames.map(({kind}) => kind),
    [kinds.file, kinds.block, kinds.end],
  );
});
