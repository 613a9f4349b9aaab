import assert from 'node:assert/strict';
import {statSync, truncateSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {parseAddress} from '../../../../protocol/address.ts';
import {blockSize} from '../../../../protocol/block.ts';
import {Client} from '../../../../source/client/client.ts';
import {ReceiveBuffers} from '../../../../source/client/connection/receive-buffers.ts';
import {Queue} from '../../../../source/transfers/queue/queue.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {noise, path, startHarness, temporaryFolder} from '../../../fixtures/harness.ts';
import {TcpProxy} from '../../../fixtures/proxy.ts';
import {runDownload} from '../../../fixtures/run-download.ts';

test('a further connection that the server refuses is not tried over and over while others work', {
  timeout: 90_000,
}, async t => {
  const {serve, root, target, server} = await startHarness(t, {
    server: {maxConnections: 1, limit: 24 * blockSize},
  });
  const size = 64 * blockSize;
  serve('a.bin', '');
  truncateSync(join(root, 'a.bin'), size);
  const links = new Set<number>();
  const proxy = await TcpProxy.start(server.port, {
    forwarded: link => links.add(link.id),
    ended: () => undefined,
  });
  const client = new Client(parseAddress(`127.0.0.1:${proxy.port}`), {retries: 0});
  const queue = new Queue({client, connections: 2});
  t.after(async () => {
    await queue[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });
  const [id = 0] = queue.add([
    {remotePath: path('a.bin'), folder: target, localPath: 'a.bin', onConflict: 'fail'},
  ]);
  await queue.idle();
  assert.deepEqual(queue.transfer(id)?.state, {name: 'done', outcome: 'verified'});
  assert.equal(statSync(join(target, 'a.bin')).size, size);
  // The working connection, the refused one, and those of a lane that begins before the first connection is busy.
  assert.ok(links.size >= 2 && links.size <= 4, `${links.size} connections`);
});

test('if a block cannot be written, its memory is given back', async t => {
  const {serve, client} = await startHarness(t);
  serve('a', noise(3 * blockSize));
  let refused = 0;
  type Write = typeof disk.write;
  t.mock.method(disk, 'write', (...[, , , , , done]: Parameters<Write>) => {
    refused++;
    done(Object.assign(new Error('EIO: i/o error, write'), {code: 'EIO'}), 0);
  });
  // There is only one buffer.
  const blocks = new ReceiveBuffers(1);
  const download = runDownload(client, temporaryFolder(t), {tools: {blocks}});
  await assert.rejects(download, {code: 'local_io'});
  assert.equal(refused, 1);
  assert.notEqual(blocks.take(), undefined);
});
