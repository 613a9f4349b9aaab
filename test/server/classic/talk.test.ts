import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {once} from 'node:events';
import {connect, createServer} from 'node:net';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {Talk} from '../../../server/classic/talk.ts';
import {exchangeOn} from '../../fixtures/server/exchange-on.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {until} from '../../fixtures/server/server-folder.ts';

/** A connection whose client reads nothing until the test resumes it. */
async function connection(t: TestContext) {
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
  return {client, socket};
}

test('the pause after a long message begins when the client has received it, not when the system has taken it', {
  skip: process.platform === 'linux' ? false : 'nothing tells it elsewhere',
}, async t => {
  const {client, socket} = await connection(t);
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

test('a client that leaves during the pause between two messages is no fault of the server', async t => {
  const {client, socket} = await connection(t);
  client.resume();
  const stop = new AbortController();
  const exchange = {...exchangeOn(socket, new MemoryStore()), signal: stop.signal};
  const talk = new Talk(exchange, 3_600_000);
  await talk.say('first');
  const saying = talk.say('second');
  stop.abort();
  await assert.rejects(saying, {name: 'JangadaError', code: 'aborted'});
  await assert.rejects(talk.say('third'), {name: 'JangadaError', code: 'aborted'});
});
