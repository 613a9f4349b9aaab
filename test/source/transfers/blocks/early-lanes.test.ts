import assert from 'node:assert/strict';
import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Socket} from 'node:net';
import {type TestContext, test} from 'node:test';
import {type Address, parseAddress} from '../../../../protocol/address.ts';
import {blockSize, digestOf, rootDigest} from '../../../../protocol/block.ts';
import {frameKinds, preface} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {Client} from '../../../../source/client/client.ts';
import {Ending} from '../../../../source/transfers/blocks/ending.ts';
import {noise, temporaryFolder, until} from '../../../fixtures/harness.ts';
import {runDownload} from '../../../fixtures/run-download.ts';
import {
  blockFrame,
  type Script,
  startHostileServer,
} from '../../../fixtures/server/hostile-server.ts';

const timeout = 60_000;
/** Less than the time for which a client waits for a greeting, in milliseconds. */
const soonMs = 8_000;
const version = 'v';
const content = noise(2 * blockSize);
const about = {size: content.length, mtimeMs: 0, version};
const blocks = [0, blockSize].map(at => content.subarray(at, at + blockSize));
const digests = Buffer.concat(blocks.map(bytes => digestOf('sha256', bytes)));
const root = rootDigest('sha256', digests).toString('hex');
const entry = encodeAnswer('entry', {name: 'a', type: 'file', ...about});
const bothBlocks = Buffer.concat([
  encodeAnswer('file', about),
  ...blocks.map((bytes, index) => blockFrame(index * blockSize, bytes)),
]);
/**
 * A proxy to the server at port `behind`. It forwards the connections for whose number, from 1, `passes` returns true. On
 * the others it calls `other` when bytes arrive.
 */
async function startDoor(
  t: TestContext,
  behind: number,
  passes: (count: number) => boolean,
  other: (socket: Socket, received: number) => void,
): Promise<Address> {
  let count = 0;
  const door = createServer(socket => {
    socket.on('error', () => undefined);
    t.after(() => socket.destroy());
    if (passes(++count)) {
      const way = connect(behind, '127.0.0.1');
      way.on('error', () => socket.destroy());
      socket.on('close', () => way.destroy());
      socket.pipe(way).pipe(socket);
    } else {
      let received = 0;
      socket.on('data', bytes => {
        received += bytes.length;
        other(socket, received);
      });
    }
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  t.after(() => door.close());
  // A listening TCP server always has this type of address.
  const {port} = door.address() as AddressInfo;
  return parseAddress(`jangada://127.0.0.1:${port}`);
}

async function serverPort(t: TestContext, script: Script): Promise<number> {
  const address = await startHostileServer(t, script);
  assert.ok(address.scheme === 'jangada');
  return address.port;
}

test('a complete file does not wait for a connection that it no longer needs', {
  timeout,
}, async t => {
  let isComplete = false;
  const script: Script = (socket, {kind}) => {
    if (kind === frameKinds.stat) {
      socket.write(entry);
    } else if (kind === frameKinds.get) {
      // All blocks, but not the end of the answer: so the lane looks for another connection.
      socket.end(bothBlocks);
    } else {
      socket.write(encodeAnswer('end', {...about, root}));
    }
  };
  const address = await startDoor(
    t,
    await serverPort(t, script),
    count => count === 1 || isComplete,
    () => undefined,
  );
  await using client = new Client(address, {compress: 'never'});
  const beganMs = performance.now();
  const {outcome} = await runDownload(client, temporaryFolder(t), {
    tell({type}) {
      isComplete ||= type === 'finish';
    },
  });
  assert.equal(outcome, 'verified');
  assert.ok(performance.now() - beganMs < soonMs);
});

test('a download that must end does not wait for a greeting, even if blocks are missing', {
  timeout,
}, async t => {
  let received = 0;
  const address = await startDoor(
    t,
    await serverPort(t, socket => socket.end(entry)),
    count => count === 1,
    (_socket, bytes) => {
      received = bytes;
    },
  );
  await using client = new Client(address, {compress: 'never'});
  const ending = new Ending();
  const download = runDownload(client, temporaryFolder(t), {tools: {ending}});
  await until(() => received > preface.length);
  const beganMs = performance.now();
  ending.begin(timeout);
  await assert.rejects(download, {code: 'aborted'});
  assert.ok(performance.now() - beganMs < soonMs);
});
