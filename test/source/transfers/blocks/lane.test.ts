import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {blockSize, digestOf, rootDigest} from '../../../../protocol/block.ts';
import {encodeFrame, frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {Client} from '../../../../source/client/client.ts';
import {ReceiveBuffers} from '../../../../source/client/connection/receive-buffers.ts';
import type {DownloadEvent} from '../../../../source/transfers/terms/download-event.ts';
import {noise, temporaryFolder} from '../../../fixtures/harness.ts';
import {runDownload} from '../../../fixtures/run-download.ts';
import {
  blockFrame,
  type Script,
  startHostileServer,
} from '../../../fixtures/server/hostile-server.ts';

const version = 'v';
const content = noise(3 * blockSize);
const blockAt = (at: number) => content.subarray(at, at + blockSize);
const digests = [0, 1, 2].map(index => digestOf('sha256', blockAt(index * blockSize)));
const root = rootDigest('sha256', Buffer.concat(digests)).toString('hex');

for (const pipelined of [1, 2]) {
  test(`a lane sends ${pipelined} requests ahead if the server accepts ${pipelined}`, async t => {
    let open = 0;
    let most = 0;
    let answered = Promise.resolve();
    const address = await startHostileServer(
      t,
      (socket, {kind, body}) => {
        if (kind === frameKinds.stat) {
          const entry = {name: 'a', type: 'file' as const, size: content.length, mtimeMs: 1000};
          socket.write(encodeAnswer('entry', {...entry, version}));
        } else if (kind === frameKinds.digestsRequest) {
          socket.write(encodeFrame(frameKinds.digests, Buffer.concat(digests)));
          socket.write(encodeAnswer('end', {size: content.length, version, root}));
        } else {
          most = Math.max(most, ++open);
          // This client requests one range at a time.
          const [[offset]] = body.ranges as [[number, number]];
          // Requests that are already on the way arrive before the answer.
          answered = answered.then(turn).then(() => {
            open--;
            socket.write(encodeAnswer('file', {size: content.length, mtimeMs: 1000, version}));
            socket.write(blockFrame(offset, blockAt(offset)));
            socket.write(encodeAnswer('end', {version, root}));
          });
        }
      },
      [],
      undefined,
      pipelined,
    );
    const target = temporaryFolder(t);
    // The partial file has the block in the middle, so the client requests two short spans.
    const partial = Buffer.alloc(3 * blockSize);
    blockAt(blockSize).copy(partial, blockSize);
    writeFileSync(join(target, 'a.jangada-part'), partial);
    await using client = new Client(address);
    assert.equal((await runDownload(client, target)).outcome, 'verified');
    assert.equal(most, pipelined);
    assert.ok(readFileSync(join(target, 'a')).equals(content));
  });
}

/** A script that sends every requested range of the file, and adds the length of the range to `asked`. */
function sendAll(asked: number[]): Script {
  return (socket, {kind, body}) => {
    if (kind === frameKinds.stat) {
      const entry = {name: 'a', type: 'file' as const, size: content.length, mtimeMs: 1000};
      socket.write(encodeAnswer('entry', {...entry, version}));
      return;
    }

    const [[from, length]] = body.ranges as [[number, number]];
    asked.push(length);
    socket.write(encodeAnswer('file', {size: content.length, mtimeMs: 1000, version}));
    for (let offset = from; offset < from + length; offset += blockSize) {
      socket.write(blockFrame(offset, blockAt(offset)));
    }

    socket.write(encodeAnswer('end', {version, root}));
  };
}

test('with a rate limit, the first request is at most half a second of bytes, or one block', async t => {
  const asked: number[] = [];
  const address = await startHostileServer(t, sendAll(asked));
  await using client = new Client(address);
  client.bytesPerSecond = 2 * blockSize;
  assert.equal((await runDownload(client, temporaryFolder(t))).outcome, 'verified');
  assert.equal(asked[0], blockSize);
});

test('with a long round trip, a lane does not wait for a block to decide about compression', async t => {
  const asked: number[] = [];
  const address = await startHostileServer(t, sendAll(asked), ['zstd'], socket => {
    // The greeting is delayed, as on a link with a round trip of 50 ms.
    socket.cork();
    socket.once('data', () => setTimeout(() => socket.uncork(), 50));
  });
  await using client = new Client(address);
  assert.equal((await runDownload(client, temporaryFolder(t))).outcome, 'verified');
  assert.deepEqual(asked, [content.length]);
});

/** A server that answers the first request for blocks with `first`, and then closes that connection. `cuts` counts this. */
async function startCuttingServer(t: TestContext, first: Buffer) {
  const cuts = {count: 0};
  const address = await startHostileServer(t, (socket, {kind, body}) => {
    if (kind === frameKinds.stat) {
      const entry = {name: 'a', type: 'file' as const, size: content.length, mtimeMs: 1000};
      socket.write(encodeAnswer('entry', {...entry, version}));
      return;
    }

    if (kind === frameKinds.digestsRequest) {
      socket.write(encodeAnswer('end', {size: content.length, version, root}));
      return;
    }

    const [[from, length]] = body.ranges as [[number, number]];
    socket.write(encodeAnswer('file', {size: content.length, mtimeMs: 1000, version}));
    if (cuts.count === 0) {
      cuts.count++;
      socket.end(first);
      return;
    }

    for (let offset = from; offset < from + length; offset += blockSize) {
      socket.write(blockFrame(offset, blockAt(offset)));
    }

    socket.write(encodeAnswer('end', {version, root}));
  });
  return {address, cuts};
}

const halfBlock = (offset: number) =>
  blockFrame(offset, blockAt(offset)).subarray(0, blockSize / 2);

test('if a connection is lost within a block, the memory of that block is given back', {
  timeout: 60_000,
}, async t => {
  const {address, cuts} = await startCuttingServer(t, halfBlock(0));
  const target = temporaryFolder(t);
  await using client = new Client(address, {retries: 1});
  // There is only one buffer.
  const blocks = new ReceiveBuffers(1);
  assert.equal((await runDownload(client, target, {tools: {blocks}})).outcome, 'verified');
  assert.equal(cuts.count, 1);
  assert.ok(readFileSync(join(target, 'a')).equals(content));
});

test('if a connection is lost within a block, only the bytes of that block are subtracted from the received bytes', {
  timeout: 60_000,
}, async t => {
  const first = Buffer.concat([blockFrame(0, blockAt(0)), halfBlock(blockSize)]);
  const {address, cuts} = await startCuttingServer(t, first);
  const told: DownloadEvent[] = [];
  await using client = new Client(address, {retries: 1});
  await runDownload(client, temporaryFolder(t), {tell: event => told.push(event)});
  assert.equal(cuts.count, 1);
  const atLoss = told.findIndex(({type}) => type === 'lost');
  assert.notEqual(atLoss, -1);
  const after = told.slice(atLoss).filter(event => event.type === 'progress');
  assert.deepEqual(
    after.filter(({receivedBytes, verifiedBytes}) => receivedBytes < verifiedBytes),
    [],
  );
  assert.equal(after.at(-1)?.receivedBytes, content.length);
});

test('if a server says good-bye between two blocks, no block is lost and no loss is reported', {
  timeout: 60_000,
}, async t => {
  const goodBye = encodeAnswer('error', {code: 'timed_out', message: 'x', leaving: true});
  const {address, cuts} = await startCuttingServer(
    t,
    Buffer.concat([blockFrame(0, blockAt(0)), goodBye]),
  );
  const told: DownloadEvent[] = [];
  const target = temporaryFolder(t);
  await using client = new Client(address, {retries: 0});
  await runDownload(client, target, {tell: event => told.push(event)});
  assert.equal(cuts.count, 1);
  assert.ok(!told.some(({type}) => type === 'lost'));
  const counts = told.flatMap(event => (event.type === 'progress' ? [event.receivedBytes] : []));
  assert.deepEqual(
    counts,
    counts.toSorted((one, other) => one - other),
    'no byte came in vain',
  );
  assert.ok(readFileSync(join(target, 'a')).equals(content));
});
