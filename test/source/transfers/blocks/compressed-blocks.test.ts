import assert from 'node:assert/strict';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../../../protocol/address.ts';
import {blockSize} from '../../../../protocol/block.ts';
import {Client, type ClientOptions} from '../../../../source/client/client.ts';
import {RateLimiter} from '../../../../source/client/connection/rate-limiter.ts';
import {Queue} from '../../../../source/transfers/queue/queue.ts';
import type {DownloadEvent} from '../../../../source/transfers/terms/download-event.ts';
import {BlockMeter} from '../../../chaos/block-meter.ts';
import {noise, path, startHarness} from '../../../fixtures/harness.ts';
import {TcpProxy} from '../../../fixtures/proxy.ts';
import {runDownload} from '../../../fixtures/run-download.ts';

const text = Buffer.alloc(
  12 * blockSize + 777,
  'The jangadas come back at noon, one after the other. ',
);

/** Serves `content` as `a`. The limit of the client makes every link slow. A meter counts the bytes on the network. */
async function start(t: TestContext, content: Buffer, options: ClientOptions = {}) {
  const harness = await startHarness(t);
  harness.serve('a', content);
  const meter = new BlockMeter();
  const proxy = await TcpProxy.start(harness.server.port, meter);
  const address = parseAddress(`jangada://127.0.0.1:${proxy.port}`);
  const client = new Client(address, {limiter: new RateLimiter(49_000_000), ...options});
  t.after(async () => {
    await client[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });
  return {...harness, client, meter};
}

test('text takes a small part of its bytes on a slow link, and arrives unchanged', async t => {
  const {client, meter, target} = await start(t, text);
  const progress: Array<DownloadEvent & {type: 'progress'}> = [];
  const {outcome} = await runDownload(client, target, {
    tell: event => event.type === 'progress' && progress.push(event),
  });
  assert.equal(outcome, 'verified');
  assert.ok(readFileSync(join(target, 'a')).equals(text));
  assert.ok(meter.blockBytes < text.length / 50, `${meter.blockBytes} bytes`);
  // Progress counts the bytes of the file, not the bytes on the network.
  const received = progress.map(({receivedBytes}) => receivedBytes);
  assert.equal(received.at(-1), text.length);
  assert.ok(received.every((bytes, at) => bytes >= (received[at - 1] ?? 0)));
});

test('with compression off, the client gets no compressed blocks', async t => {
  const {client, meter, target} = await start(t, text, {compress: 'never'});
  assert.equal((await runDownload(client, target)).outcome, 'verified');
  assert.equal(meter.blockBytes, text.length);
});

test('content that is already compressed is sent as it is', async t => {
  const content = noise(6 * blockSize + 1);
  const {client, meter, target} = await start(t, content);
  assert.equal((await runDownload(client, target)).outcome, 'verified');
  assert.equal(meter.blockBytes, content.length);
  assert.ok(readFileSync(join(target, 'a')).equals(content));
});

test('a partial file continues with compressed blocks, and only missing blocks are sent', async t => {
  const {client, meter, target} = await start(t, text);
  const partial = Buffer.concat([text.subarray(0, 5 * blockSize), noise(blockSize)]);
  mkdirSync(target);
  writeFileSync(join(target, 'a.jangada-part'), partial, {flush: true});
  assert.equal((await runDownload(client, target)).outcome, 'verified');
  const blocks = [...(meter.take().whole.get('a')?.keys() ?? [])].sort((one, two) => one - two);
  assert.deepEqual(blocks, [5, 6, 7, 8, 9, 10, 11, 12]);
  assert.ok(readFileSync(join(target, 'a')).equals(text));
});

test('blocks of zeros, of noise and of text can be mixed, over several connections', async t => {
  const zeros = Buffer.alloc(3 * blockSize);
  const content = Buffer.concat([text, zeros, noise(3 * blockSize), text.subarray(5), zeros]);
  const {client, meter, target} = await start(t, content);
  const queue = new Queue({client, connections: 4});
  t.after(() => queue[Symbol.asyncDispose]());
  const file = {remotePath: path('a'), folder: target, localPath: 'a', onConflict: 'fail' as const};
  const [id = 0] = queue.add([file]);
  await queue.idle();
  assert.deepEqual(queue.transfer(id)?.state, {name: 'done', outcome: 'verified'});
  assert.ok(readFileSync(join(target, 'a')).equals(content));
  // After noise the server does not try at once to compress again, and a very busy machine compresses less.
  assert.ok(meter.blockBytes < content.length - 9 * blockSize, `${meter.blockBytes} bytes`);
});
