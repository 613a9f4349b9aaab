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
