import assert from 'node:assert/strict';
import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Socket} from 'node:net';
import {test} from 'node:test';
import {blockSize} from '../../../protocol/block.ts';
import {parseRemotePath} from '../../../protocol/remote-path.ts';
import {sendBlocks} from '../../../server/operations/send-blocks.ts';
import {exchangeOn} from '../../fixtures/server/exchange-on.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {patternedBytes} from '../../fixtures/server/server-folder.ts';

test('after a client has left, the memory of all of its blocks is free again, also of blocks read ahead', async t => {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.after(() => listener.close());
  // The address of a listener on a TCP port has this type.
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => client.destroy());
  const [socket] = (await once(listener, 'connection')) as [Socket];
  const store = new MemoryStore();
  const path = parseRemotePath('file');
  store.write(path, patternedBytes(8 * blockSize));
  const file = await store.open(path);
  const exchange = exchangeOn(socket, store);
  const {blocks, digests} = exchange;
  socket.destroy();
  const spans = [{from: 0, to: 8}];
  const known = digests.for(file, 'sha256');
  await assert.rejects(sendBlocks({path, file, spans, known}, exchange), {code: 'aborted'});
  const free = [blocks.take(), blocks.take(), blocks.take(), blocks.take()];
  assert.ok(free.every(buffer => buffer !== undefined));
});
