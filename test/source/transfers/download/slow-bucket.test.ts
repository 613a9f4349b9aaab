import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {parseAddress} from '../../../../protocol/address.ts';
import {blockSize} from '../../../../protocol/block.ts';
import {startServer} from '../../../../server/server.ts';
import {Client} from '../../../../source/client/client.ts';
import {firstBlock} from '../../../../source/transfers/download/first-block.ts';
import {Queue} from '../../../../source/transfers/queue/queue.ts';
import {noise, path, temporaryFolder} from '../../../fixtures/harness.ts';
import {TcpProxy} from '../../../fixtures/proxy.ts';
import {secret} from '../../../server/store/bucket/false-s3.ts';
import {MemoryBucket} from '../../../server/store/bucket/memory-bucket.ts';

/** A file of two blocks, and one that a client requests as a whole. */
const contents = {large: noise(blockSize + 5), middle: noise(blockSize - 5, 2)};

const silenceMs = 1500;

/** So slow that a block takes over twice as long as the client waits in silence. */
const bytesPerSecond = 300_000;

test('files of a bucket arrive, although a block takes longer than the client waits in silence', async t => {
  const before = {...process.env};
  t.after(() => {
    process.env = before;
  });
  process.env.AWS_ACCESS_KEY_ID = 'AKIDTEST';
  process.env.AWS_SECRET_ACCESS_KEY = secret;
  const bucket = await MemoryBucket.start(t);
  for (const [name, content] of Object.entries(contents)) {
    bucket.write(name, content);
  }

  const bucketPort = Number(bucket.place().endpoint.port);
  const network = await TcpProxy.start(bucketPort, {forwarded() {}, ended() {}});
  network.bytesPerSecond = bytesPerSecond;
  const server = await startServer({
    ...{root: 's3://bkt', s3Endpoint: `http://127.0.0.1:${network.port}`, port: 0},
    deadlines: {progressMs: 50},
  });
  const client = new Client(parseAddress(server.address), {silenceTimeoutMs: silenceMs});
  const queue = new Queue({client, connections: 2});
  t.after(async () => {
    await queue[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
    await server.close({graceMs: 0});
    await network[Symbol.asyncDispose]();
  });
  const folder = temporaryFolder(t);
  queue.add(
    Object.entries(contents).map(([localPath, {length: size}]) => ({
      ...{remotePath: path(localPath), folder, localPath, size},
      onConflict: 'fail' as const,
    })),
  );
  await queue.idle();
  for (const [name, content] of Object.entries(contents)) {
    assert.deepEqual(readFileSync(join(folder, name)), content, name);
  }

  const {signal} = new AbortController();
  const {bytes} = await firstBlock(client, path('middle'), contents.middle.length, {signal});
  assert.deepEqual(bytes, contents.middle);
});
