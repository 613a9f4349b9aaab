import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {once} from 'node:events';
import {syncBuiltinESMExports} from 'node:module';
import {connect, createServer, type Socket} from 'node:net';
import {type TestContext, test} from 'node:test';
import timers from 'node:timers/promises';
import type {Session} from '../../../server/connection/session.ts';
import {goodBye} from '../../../server/output/wire-error.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {ServedFolder, until} from '../../fixtures/server/server-folder.ts';
import {json, kinds, rawFrame} from '../../fixtures/server/server-raw-peer.ts';
import {sessionOn} from '../../fixtures/server/session-on.ts';

/** The limit for a test that hangs. */
const timeout = 60_000;

/** A connection whose client reads nothing until the test resumes it. */
async function connection(t: TestContext): Promise<{client: Socket; socket: Socket}> {
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
  return {client, socket};
}

/** More bytes than the system takes, so that the rest waits for the client. */
const answer = Buffer.alloc(67_108_864);

test('a client that does not even read the last error is closed', {timeout}, async t => {
  const {client, socket} = await connection(t);
  const session = sessionOn(socket, {stallMs: 120, lingerMs: 20});
  socket.write(answer);
  session.makeWay();
  await once(socket, 'close');
  assert.ok(socket.bytesWritten > 0 && client.bytesRead < socket.bytesWritten);
});

test('a server that stops lets a client read the answer that was written to it', {
  timeout,
}, async t => {
  const {client, socket} = await connection(t);
  const session = sessionOn(socket, {lingerMs: 20});
  socket.write(answer);
  session.drain();
  await once(client.resume(), 'end');
  assert.equal(client.bytesRead, answer.length + goodBye.length);
});

for (const [what, end] of [
  ['drained', (session: Session) => session.drain()],
  ['told why it ends', (session: Session) => session.makeWay()],
] as const) {
  test(`a client that gets a place after it was ${what} is not greeted`, {timeout}, async t => {
    const {client, socket} = await connection(t);
    const session = sessionOn(socket);
    const errors: Error[] = [];
    socket.on('error', error => errors.push(error));
    end(session);
    const {bytesWritten} = socket;
    session.greet();
    await once(client.resume(), 'end');
    assert.ok(bytesWritten > 0);
    assert.equal(client.bytesRead, bytesWritten);
    assert.deepEqual(errors, []);
  });
}

test('a client that reads its answer slowly does not count as idle', {
  timeout,
}, async t => {
  const {client, socket} = await connection(t);
  sessionOn(socket, {idleMs: 50, stallMs: 3_600_000});
  socket.write(answer);
  client.write('jangada/1\r\n');
  await until(() => socket.bytesRead > 0, 'the preface has come');
  let looks = 0;
  socket.on('timeout', () => looks++);
  await until(() => looks >= 3 || socket.writableEnded, 'it was looked for work three times');
  assert.equal(socket.writableEnded, false);
});

test('a fault of the server is told as internal, and only the log has its reason', {
  timeout,
}, async () => {
  const root = new (class extends MemoryStore {
    override async stat(): Promise<never> {
      throw new Error('EIO: /home/secret');
    }
  })();
  await using folder = await ServedFolder.start({}, {root});
  const peer = await folder.peer();
  const [error] = await peer.ask(kinds.stat, {path: ''});
  assert.deepEqual(error && json(error), {
    ...{code: 'internal', message: 'The server failed; its log says more'},
  });
  const line = folder.logs.find(text => text.includes('a request failed')) ?? assert.fail();
  const logged = JSON.parse(line) as {kind: number; error: string; level: number};
  assert.deepEqual([logged.kind, logged.level], [kinds.stat, 50]);
  assert.match(logged.error, /EIO: \/home\/secret/);
  assert.equal((await peer.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
});

test('requests that come together are answered in slices of time, not one in each turn', {
  timeout,
}, async t => {
  await using folder = await ServedFolder.start();
  const peer = await folder.peer();
  // The first request may take longer than a slice, because code is compiled.
  await peer.ask(kinds.ping, {});
  const turns = t.mock.method(timers, 'setImmediate');
  syncBuiltinESMExports();
  try {
    const count = 100;
    peer.send(Buffer.concat(Array.from({length: count}, () => rawFrame(kinds.ping))));
    for (let answered = 0; answered < count; answered++) {
      assert.equal((await peer.frame())?.kind, kinds.pong);
    }

    assert.ok(turns.mock.callCount() < count / 2, `${turns.mock.callCount()} turns`);
  } finally {
    turns.mock.restore();
    syncBuiltinESMExports();
  }
});
