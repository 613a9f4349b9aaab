/** Deadlines that a client has met are over, and those that it has not are not. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {once} from 'node:events';
import {connect} from 'node:net';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {proofOf} from '../../../protocol/login.ts';
import {WrongProofs} from '../../../server/doors/wrong-proofs.ts';
import {goodToken, testDoor} from '../../fixtures/door.ts';
import {ServedFolder, until} from '../../fixtures/server/server-folder.ts';
import {json, kinds, type RawPeer, rawFrame} from '../../fixtures/server/server-raw-peer.ts';

/** A test that hangs fails instead. */
const timeout = 60_000;
const login = 0x08;
const welcome = 0x49;

/** Send the proof of `token`, as a client that knows it. */
async function sendLogin(peer: RawPeer, token: string): Promise<void> {
  const hello = json((await peer.frame()) ?? assert.fail());
  const nonce = Buffer.alloc(32, 7);
  const serverNonce = Buffer.from(String(hello.nonce), 'base64');
  const proof = proofOf('client', token, {
    exporter: Buffer.alloc(0),
    serverNonce,
    clientNonce: nonce,
  });
  peer.request(login, {nonce: nonce.toString('base64'), proof: proof.toString('base64')});
}

test('a client that has greeted may be silent for longer than a preface or a frame may take', {
  timeout,
}, async t => {
  await using folder = await ServedFolder.start({}, {deadlines: {prefaceMs: 200, frameMs: 300}});
  using timers = t.mock.timers;
  timers.enable({apis: ['setTimeout']});
  const peer = await folder.peer();
  timers.tick(200);
  await turn();
  assert.equal((await peer.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  // A frame in two pieces, and then none.
  const ping = rawFrame(kinds.ping);
  peer.send(ping.subarray(0, 5));
  const other = await folder.peer();
  assert.equal((await other.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  peer.send(ping.subarray(5));
  assert.equal((await peer.frame())?.kind, kinds.pong);
  timers.tick(300);
  await turn();
  assert.equal((await peer.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
});

test('a client that has logged in may be silent for longer than a login may take', {
  timeout,
}, async t => {
  const door = testDoor(t, {tls: false});
  await using folder = await ServedFolder.start({}, {door, deadlines: {prefaceMs: 200}});
  using timers = t.mock.timers;
  timers.enable({apis: ['setTimeout']});
  const peer = await folder.knockingPeer();
  await sendLogin(peer, goodToken);
  assert.equal((await peer.frame())?.kind, welcome);
  timers.tick(200);
  await turn();
  assert.equal((await peer.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
});

test('while a login waits for its judgement, others are served, and no deadline shortens the wait', {
  timeout,
}, async t => {
  const door = testDoor(t, {tls: false});
  await using folder = await ServedFolder.start({}, {door, deadlines: {prefaceMs: 100}});
  using timers = t.mock.timers;
  timers.enable({apis: ['setTimeout']});
  const waits = t.mock.method(WrongProofs.prototype, 'waitMs', () => 250).mock;
  const peer = await folder.knockingPeer();
  await sendLogin(peer, 'guess');
  while (waits.callCount() === 0) {
    await turn();
  }

  const other = await folder.knockingPeer();
  assert.equal((await other.frame())?.kind, kinds.hello);
  timers.tick(249);
  await turn();
  await turn();
  assert.equal(peer.socket.readableEnded, false);
  timers.tick(1);
  assert.equal(await peer.errorCode(), 'unauthorized');
});

test('a client that does not complete the TLS handshake is closed at the deadline, without a word', {
  timeout,
}, async t => {
  const deadlines = {prefaceMs: 200};
  await using folder = await ServedFolder.start({}, {door: testDoor(t), deadlines});
  const socket = connect(folder.server).on('error', () => {});
  t.after(() => socket.destroy());
  let received = 0;
  socket.on('data', bytes => {
    received += bytes.length;
  });
  await once(socket, 'close');
  assert.equal(received, 0);
  await until(() => folder.ended === 1, 'the log tells its end');
  assert.ok(
    folder.logs.some(line => line.includes('The TLS handshake did not arrive within 200 ms')),
  );
});

test('a frame that comes slowly has its own deadline, not that of silence', {timeout}, async () => {
  await using folder = await ServedFolder.start({}, {deadlines: {idleMs: 50, frameMs: 3_600_000}});
  const peer = await folder.silentPeer();
  // In one piece, so that no silence comes between.
  peer.send(
    Buffer.concat([Buffer.from('jangada/1\r\n'), rawFrame(kinds.ping), Buffer.from([0, 0])]),
  );
  assert.equal((await peer.frame())?.kind, kinds.hello);
  assert.equal((await peer.frame())?.kind, kinds.pong);
  const quiet = await folder.silentPeer();
  quiet.send(Buffer.concat([Buffer.from('jangada/1\r\n'), rawFrame(kinds.ping)]));
  await until(() => folder.ended === 1, 'the silent one is closed');
  peer.send(rawFrame(kinds.ping).subarray(2));
  assert.equal((await peer.frame())?.kind, kinds.pong);
});

test('a client that goes on to ask when the server has said good-bye is not answered', {
  timeout,
}, async t => {
  await using folder = await ServedFolder.start({}, {deadlines: {lingerMs: 3_600_000}});
  const socket = connect({...folder.server, allowHalfOpen: true});
  t.after(() => socket.destroy());
  socket.write('jangada/1\r\n');
  const chunks: Buffer[] = [];
  socket.on('data', bytes => chunks.push(bytes));
  await until(() => chunks.length > 0, 'it is greeted');
  const closed = folder.server.close({graceMs: 60_000});
  await once(socket, 'end');
  const before = Buffer.concat(chunks).length;
  socket.write(Buffer.concat([rawFrame(kinds.ping), rawFrame(kinds.ping)]));
  socket.end();
  await closed;
  assert.equal(Buffer.concat(chunks).length, before);
  const ended = folder.logs.find(line => line.includes('connection ended')) ?? assert.fail();
  assert.equal((JSON.parse(ended) as {requests: number}).requests, 0);
});
