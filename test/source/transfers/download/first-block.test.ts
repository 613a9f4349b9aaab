import assert from 'node:assert/strict';
import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {firstBlock} from '../../../../source/transfers/download/first-block.ts';
import {noise, path, startHarness} from '../../../fixtures/harness.ts';

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
