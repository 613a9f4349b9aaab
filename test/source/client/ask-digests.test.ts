import assert from 'node:assert/strict';
import {test} from 'node:test';
import {digestSize} from '../../../protocol/block.ts';
import {isJangadaError} from '../../../protocol/errors.ts';
import {encodeFrame, frameKinds} from '../../../protocol/frame.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {Client} from '../../../source/client/client.ts';
import {noise, path} from '../../fixtures/harness.ts';
import {startHostileServer} from '../../fixtures/server/hostile-server.ts';

test('digests in many frames arrive complete and in order', async t => {
  // More bytes than the memory in which a connection decodes frames.
  const frames = Array.from({length: 24}, () => noise(256 * digestSize));
  const address = await startHostileServer(t, socket => {
    for (const frame of frames) {
      socket.write(encodeFrame(frameKinds.digests, frame));
    }

    socket.write(encodeAnswer('end', {size: 1, version: 'v'}));
  });
  await using client = new Client(address);
  const {digests} = await client.digests(path('a'));
  assert.ok(digests.equals(Buffer.concat(frames)));
});

test('a part of a digest breaks the protocol', async t => {
  const address = await startHostileServer(t, socket => {
    socket.write(encodeFrame(frameKinds.digests, noise(digestSize + 8)));
    socket.write(encodeAnswer('end', {size: 1, version: 'v'}));
  });
  await using client = new Client(address);
  await assert.rejects(client.digests(path('a')), error => isJangadaError(error, 'protocol'));
});

test('digests are passed on as they come, with the number of the first block', async t => {
  const frames = [noise(3 * digestSize), noise(digestSize), noise(2 * digestSize)];
  const address = await startHostileServer(t, socket => {
    for (const [index, frame] of frames.entries()) {
      socket.write(encodeFrame(frameKinds.digests, frame));
      socket.write(encodeAnswer('progress', {done: index, total: 3}));
    }

    const root = 'ab'.repeat(32);
    socket.write(encodeAnswer('end', {size: 10, version: 'v', mtimeMs: 1.5, root}));
  });
  await using client = new Client(address);
  const passed: [number, Buffer][] = [];
  const progress: unknown[] = [];
  const {digests, ...rest} = await client.digests(path('a'), {
    ...{from: 10, to: 16},
    onDigests: (first, part) => passed.push([first, part]),
    onProgress: one => progress.push(one),
  });
  assert.ok(digests.equals(Buffer.concat(frames)));
  assert.deepEqual(passed, [
    [10, frames[0]],
    [13, frames[1]],
    [14, frames[2]],
  ]);
  assert.deepEqual(
    progress,
    [0, 1, 2].map(done => ({done, total: 3})),
  );
  assert.deepEqual(rest, {size: 10, version: 'v', mtimeMs: 1.5, root: 'ab'.repeat(32)});
});

for (const [what, end] of [
  ['size', {version: 'v'}],
  ['version', {size: 1}],
] as const) {
  test(`digests of a file whose ${what} is not told break the protocol`, async t => {
    const address = await startHostileServer(t, socket => socket.write(encodeAnswer('end', end)));
    await using client = new Client(address);
    await assert.rejects(client.digests(path('a')), {code: 'protocol'});
  });
}
