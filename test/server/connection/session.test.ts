import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {once} from 'node:events';
import {connect, createServer, type Socket} from 'node:net';
import {test} from 'node:test';
import {sessionOn} from '../../fixtures/server/session-on.ts';

/** A test that hangs fails instead. */
const timeout = 60_000;

test('a client that does not even take the last word is closed', {timeout}, async t => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const accepted = Promise.withResolvers<Socket>();
  server.once('connection', accepted.resolve);
  const client = connect(address.port, '127.0.0.1').pause();
  t.after(() => client.destroy());
  const socket = await accepted.promise;
  t.after(() => socket.destroy());
  const session = sessionOn(socket, {stallMs: 120, lingerMs: 20});
  // More than the system takes, so that the last word has to wait for the client.
  socket.write(Buffer.alloc(67_108_864));
  session.makeWay();
  await once(socket, 'close');
  assert.ok(socket.bytesWritten > 0 && client.bytesRead < socket.bytesWritten);
});
