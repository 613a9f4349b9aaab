import assert from 'node:assert/strict';
import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {Client} from '../../../../source/client/client.ts';
import {firstBlock, oneBlock} from '../../../../source/transfers/download/first-block.ts';
import {noise, path, startHarness} from '../../../fixtures/harness.ts';
import {blockFrame, startHostileServer} from '../../../fixtures/server/hostile-server.ts';

test('only the first block is fetched and checked, or all of a shorter file', async t => {
  const {client, serve} = await startHarness(t);
  const {signal} = new AbortController();
  for (const size of [0, 5, blockSize, 3 * blockSize + 7]) {
    serve('a', noise(size));
    const told: number[] = [];
    const block = await firstBlock(client, path('a'), size, {
      signal,
      onProgress: bytes => told.push(bytes),
    });
    assert.equal(block.size, size);
    assert.deepEqual(Buffer.from(block.bytes), noise(size).subarray(0, blockSize));
    assert.equal(told.at(-1) ?? 0, Math.min(size, blockSize));
  }
});

test('a file that has grown or shrunk since it was listed is shown with its present content', async t => {
  const {client, serve} = await startHarness(t);
  const {signal} = new AbortController();
  for (const [listed, now] of [
    [5, 700],
    [700, 5],
    [3 * blockSize, 9],
    [9, 0],
    [0, 9],
  ] as const) {
    serve('a', noise(now));
    const {bytes, size} = await firstBlock(client, path('a'), listed, {signal});
    assert.equal(size, now);
    // Nothing is requested of a file that was listed as empty.
    assert.deepEqual(Buffer.from(bytes), listed === 0 ? Buffer.alloc(0) : noise(now));
  }
});

test('a missing file and a stopped call fail with their codes', async t => {
  const {client, serve, root} = await startHarness(t, {server: {limit: blockSize / 8}});
  serve('a', noise(2 * blockSize));
  const stop = new AbortController();
  const stopped = firstBlock(client, path('a'), 2 * blockSize, {
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  await assert.rejects(stopped, error => isJangadaError(error, 'aborted'));
  rmSync(join(root, 'a'));
  const {signal} = new AbortController();
  await assert.rejects(firstBlock(client, path('a'), 5, {signal}), error =>
    isJangadaError(error, 'not_found'),
  );
});

const bytes = noise(700);
const about = {size: bytes.length, mtimeMs: 1000, version: 'v'};
const announced = encodeAnswer('file', about);

/** The first block of a file from a server that answers `get` with these frames. */
async function firstFrom(t: TestContext, ...frames: readonly Buffer[]) {
  const address = await startHostileServer(t, socket => socket.write(Buffer.concat(frames)));
  await using client = new Client(address);
  const {signal} = new AbortController();
  return await firstBlock(client, path('a'), bytes.length, {signal});
}

const end = encodeAnswer('end', {});
const lies: Readonly<Record<string, readonly Buffer[]>> = {
  'no block': [announced, end],
  'no file before the block': [blockFrame(0, bytes), end],
  'a block at another place': [announced, blockFrame(1, bytes), end],
  'a block of another length': [announced, blockFrame(0, bytes.subarray(1)), end],
  'the block twice': [announced, blockFrame(0, bytes), blockFrame(0, bytes), end],
  'the file twice': [announced, announced, blockFrame(0, bytes), end],
};
for (const [what, frames] of Object.entries(lies)) {
  test(`a server that sends ${what} breaks the protocol`, async t => {
    await assert.rejects(firstFrom(t, ...frames), {code: 'protocol'});
  });
}

test('a block that is damaged is not shown', async t => {
  const damaged = blockFrame(0, bytes, Buffer.alloc(32));
  await assert.rejects(firstFrom(t, announced, damaged, end), {code: 'digest_mismatch'});
});

test('an error of the server other than a wrong range is told as it is', async t => {
  const refused = encodeAnswer('error', {code: 'forbidden', message: 'no'});
  await assert.rejects(firstFrom(t, refused), {code: 'forbidden'});
});

test('one block is the whole of it, and of the version that is wanted', async t => {
  const {client, serve} = await startHarness(t);
  const content = noise(2 * blockSize + 7);
  serve('a', content);
  const {signal} = new AbortController();
  const {version} = await client.stat(path('a'));
  for (const [index, length] of [
    [1, blockSize],
    [2, 7],
  ] as const) {
    const block = {index, size: content.length, version, signal};
    const found = await oneBlock(client, path('a'), block);
    const from = index * blockSize;
    assert.deepEqual(Buffer.from(found), content.subarray(from, from + length));
  }

  const other = {index: 0, size: content.length, version: 'another', signal};
  await assert.rejects(oneBlock(client, path('a'), other), {code: 'changed'});
  const stopped = {index: 0, size: content.length, signal: AbortSignal.abort()};
  await assert.rejects(oneBlock(client, path('a'), stopped), {code: 'aborted'});
});

test('how many bytes of the block have arrived is told with how many there will be', async t => {
  const {client, serve} = await startHarness(t);
  serve('a', noise(3 * blockSize));
  const told: Array<[bytes: number, totalBytes: number]> = [];
  await firstBlock(client, path('a'), 3 * blockSize, {
    signal: new AbortController().signal,
    onProgress: (...progress) => told.push(progress),
  });
  assert.deepEqual(told.at(-1), [blockSize, blockSize]);
  const counts = told.map(([count]) => count);
  assert.deepEqual(
    counts,
    counts.toSorted((one, other) => one - other),
  );
});
