import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {once} from 'node:events';
import {connect, createServer} from 'node:net';
import process from 'node:process';
import {test} from 'node:test';
import {Talk} from '../../../server/classic/talk.ts';
import {exchangeOn} from '../../fixtures/server/exchange-on.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {until} from '../../fixtures/server/server-folder.ts';

test('the pause after a long message begins when the client has received it, not when the system has taken it', {
  skip: process.platform === 'linux' ? false : 'nothing tells it elsewhere',
}, async t => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const accepted = once(server, 'connection');
  const client = connect(address.port, '127.0.0.1').pause();
  t.after(() => client.destroy());
  const [socket] = await accepted;
  t.after(() => socket.destroy());
  const talk = new Talk(exchangeOn(socket, new MemoryStore()), 1);
  // Too much for the buffers of the client's system, but the server's system takes the rest.
  const size = 2_500_000;
  const said = talk.message(() => talk.write(Buffer.alloc(size))).then(() => talk.say('end'));
  await until(() => socket.writableLength === 0 && socket.bytesWritten === size, 'it is written');
  let looks = 0;
  await until(() => ++looks > 60, 'the system was asked some times');
  assert.equal(socket.bytesWritten, size);
  client.resume();
  await said;
  assert.equal(socket.bytesWritten, size + 3);
});
