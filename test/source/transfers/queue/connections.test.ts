import assert from 'node:assert/strict';
import {statSync, truncateSync} from 'node:fs';
import type {Socket} from 'node:net';
import {join} from 'node:path';
import {test} from 'node:test';
import {blockSize, digestOf, rootDigest} from '../../../../protocol/block.ts';
import {frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {Client} from '../../../../source/client/client.ts';
import {type NewTransfer, Queue} from '../../../../source/transfers/queue/queue.ts';
import {noise, path, startHarness, temporaryFolder, until} from '../../../fixtures/harness.ts';
import {blockFrame, startHostileServer} from '../../../fixtures/server/hostile-server.ts';

/** So that a hanging test fails. */
const timeout = 90_000;
const version = 'v1';

function transferOf(name: string, folder: string, size?: number): NewTransfer {
  return {remotePath: path(name), folder, localPath: name, onConflict: 'fail', size};
}

// Earlier, the download failed at once (0 retries), or waited for the last attempt with all bytes received (30).
for (const retries of [0, 30]) {
  test(`a further connection that the server refuses does not disturb the download, with ${retries} retries`, {
    timeout,
  }, async t => {
    const {serve, root, target, download} = await startHarness(t, {
      server: {maxConnections: 1},
      client: {retries},
    });
    // Large enough for a second connection. A hole, to be fast.
    const size = 64 * blockSize;
    serve('a.bin', '');
    truncateSync(join(root, 'a.bin'), size);
    const [row] = await download(['a.bin']);
    assert.deepEqual(row?.state, {name: 'done', outcome: 'verified'});
    assert.equal(statSync(join(target, 'a.bin')).size, size);
  });
}

/** Sends a file of one byte, `x`. */
function sendSmall(socket: Socket): void {
  const bytes = Buffer.from('x');
  const root = rootDigest('sha256', digestOf('sha256', bytes)).toString('hex');
  socket.write(
    Buffer.concat([
      encodeAnswer('file', {size: 1, mtimeMs: 0, version}),
      blockFrame(0, bytes),
      encodeAnswer('end', {version, root}),
    ]),
  );
}

test('an empty file that has grown is fetched as a single download, without the files beside it', {
  timeout,
}, async t => {
  const asked: unknown[] = [];
  const address = await startHostileServer(t, (socket, {kind, body}) => {
    const name = body.path;
    if (kind === frameKinds.stat) {
      asked.push(name);
      socket.write(encodeAnswer('entry', {name: 'a', type: 'file', size: 1, mtimeMs: 0, version}));
    } else if (Array.isArray(body.ranges) && body.ranges.length === 0) {
      socket.write(encodeAnswer('file', {size: 1, mtimeMs: 0, version}));
      socket.write(encodeAnswer('end', {version}));
    } else {
      sendSmall(socket);
    }
  });
  await using client = new Client(address);
  await using queue = new Queue({client});
  const folder = temporaryFolder(t);
  const names = Array.from({length: 50}, (_, index) => `f${index}`);
  queue.add(names.map(name => transferOf(name, folder, name === 'f0' ? 0 : 1)));
  await queue.idle();
  assert.equal(queue.snapshot().done, 50);
  assert.deepEqual(asked, ['f0']);
});

test('a server that is busy for a small file gets another request', {timeout}, async t => {
  let requests = 0;
  const address = await startHostileServer(t, socket => {
    requests++;
    if (requests === 1) {
      socket.write(encodeAnswer('error', {code: 'busy', message: 'Too many files are open'}));
    } else {
      sendSmall(socket);
    }
  });
  await using client = new Client(address, {retries: 1});
  await using queue = new Queue({client});
  const [id = 0] = queue.add([transferOf('a', temporaryFolder(t), 1)]);
  await queue.idle();
  assert.deepEqual(queue.transfer(id)?.state, {name: 'done', outcome: 'verified'});
  assert.equal(requests, 2);
});

test('small files on a lost connection are requested again as often as the client may retry, counted from the last received file', {
  timeout,
}, async t => {
  let losses = 0;
  const address = await startHostileServer(t, (socket, {body}) => {
    if (body.path === 'a' || losses === 6) {
      sendSmall(socket);
    } else {
      losses++;
      socket.end();
    }
  });
  await using client = new Client(address, {retries: 1});
  await using queue = new Queue({client});
  const folder = temporaryFolder(t);
  queue.add(['a', 'b'].map(name => transferOf(name, folder, 1)));
  await queue.idle();
  const {done, failed} = queue.snapshot();
  // The first loss followed a received file. After it come the attempt that follows every loss, and one retry.
  assert.deepEqual({done, failed, losses}, {done: 1, failed: 1, losses: 3});
});

test('closing the client before the queue fails the running transfers, and the queue is idle', {
  timeout,
}, async t => {
  const {serve, client, queue, target} = await startHarness(t, {server: {limit: 2 * blockSize}});
  serve('a.bin', noise(10 * blockSize));
  const [id = 0] = queue.add([transferOf('a.bin', target)]);
  await until(() => queue.transfer(id)?.state.name === 'downloading');
  await client[Symbol.asyncDispose]();
  await queue.idle();
  assert.equal(queue.transfer(id)?.state.name, 'failed');
});

test('waiting for an idle queue ends when the queue closes', {timeout}, async t => {
  const {serve, queue, target} = await startHarness(t, {
    server: {limit: 2 * blockSize},
    connections: 1,
  });
  const names = ['a.bin', 'b.bin'];
  for (const name of names) {
    serve(name, noise(10 * blockSize));
  }

  queue.add(names.map(name => transferOf(name, target)));
  await until(() => queue.snapshot().active > 0);
  const idle = queue.idle();
  await queue[Symbol.asyncDispose]();
  await idle;
  assert.ok(queue.snapshot().queued > 0);
  // Also for a later call.
  await queue.idle();
});
