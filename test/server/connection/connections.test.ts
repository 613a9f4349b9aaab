import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {once} from 'node:events';
import {truncateSync, writeFileSync} from 'node:fs';
import {connect, createServer} from 'node:net';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {pino} from 'pino';
import {frameKinds} from '../../../protocol/frame.ts';
import {encodeLogin, proofOf} from '../../../protocol/login.ts';
import {ownMeans} from '../../../server/connection/means.ts';
import {mostPlaceless, type Newcomer} from '../../../server/connection/places.ts';
import type {Door} from '../../../server/doors/door.ts';
import {Serving} from '../../../server/serving.ts';
import {goodToken, testDoor} from '../../fixtures/door.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';
import {patternedBytes, ServedFolder, until} from '../../fixtures/server/server-folder.ts';
import {json, kinds, RawPeer, rawFrame} from '../../fixtures/server/server-raw-peer.ts';

/** The limit for a test that hangs. */
const timeout = 60_000;
const mebibyte = 1_048_576;

test('a refused client gets an error, however many were refused before', {
  timeout,
}, async () => {
  const options = {maxConnections: 1, deadlines: {lingerMs: 1}};
  await using folder = await ServedFolder.start({old: patternedBytes(32 * mebibyte)}, options);
  const working = await folder.peer();
  working.request(kinds.get, {path: 'old'});
  await working.pauseAfter(mebibyte);
  for (let round = 0; round < 140; round++) {
    const refused = await folder.knockingPeer();
    assert.equal(await refused.errorCode(), 'busy', `round ${round}`);
    await refused.end();
  }
});

test('a client that resets its connection while it waits, or after it was refused, does no harm', {
  timeout,
}, async () => {
  const options = {maxConnections: 1, deadlines: {giveWayMs: 3_600_000, lingerMs: 3_600_000}};
  await using folder = await ServedFolder.start({old: patternedBytes(32 * mebibyte)}, options);
  // Both ends of each connection are in this process.
  const sockets = () =>
    process.getActiveResourcesInfo().filter(name => name === 'TCPSocketWrap').length;
  const first = await folder.peer();
  const before = sockets();
  const waits = await folder.knockingPeer();
  await until(() => sockets() === before + 2, 'the newcomer waits');
  waits.socket.resetAndDestroy();
  await until(() => sockets() === before, 'it has left');
  first.request(kinds.get, {path: 'old'});
  await first.pauseAfter(mebibyte);
  const refused = connect({...folder.server, allowHalfOpen: true}).resume();
  refused.write('jangada/1\r\n');
  await once(refused, 'end');
  refused.resetAndDestroy();
  await until(() => sockets() === before, 'it has left, too');
  first.socket.resume();
  assert.equal((await first.answer()).at(-1)?.kind, kinds.end);
  assert.equal((await first.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
});

/** Start a server whose connection gives way when `makeWay` is called, as if another process had found it idle. */
async function startHolder(t: TestContext, served: {root: string; door?: Door}, limit?: number) {
  const logger = pino({level: 'silent'});
  let holder: Newcomer | undefined;
  const places = {
    ...{most: 64, mostPerAddress: 32},
    ask(newcomer: Newcomer) {
      holder = newcomer;
      newcomer.admit();
    },
    left() {},
  };
  const own = ownMeans({giveWayMs: 0, ...(limit === undefined ? {} : {limit})}, logger);
  const serving = new Serving(served, logger, {...own, places});
  const server = createServer(socket => serving.add(socket)).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    serving,
    place: {host: '127.0.0.1', port: address.port},
    makeWay: () => (holder ?? assert.fail('nobody has a place')).makeWay(),
  };
}

test('an answer to a client that has lost its place ends after a whole frame, too', {
  timeout,
}, async t => {
  const root = temporaryFolder(t);
  writeFileSync(join(root, 'old'), patternedBytes(30 * mebibyte));
  const {serving, place, makeWay} = await startHolder(t, {root}, 4 * mebibyte);
  const peer = await RawPeer.greeted(place);
  t.after(() => peer.socket.destroy());
  peer.request(kinds.get, {path: 'old'});
  assert.equal((await peer.frame())?.kind, kinds.file);
  // Shortly before, another process has told the keeper about a newcomer.
  makeWay();
  const closed = serving.close(0);
  const answer = await peer.answer();
  assert.match(String(json(answer.at(-1) ?? assert.fail()).message), /another client needs/);
  assert.ok(answer.length < 31, `${answer.length} frames`);
  await closed;
});

test('a token that is removed also ends the answer of a client that has lost its place', {
  timeout,
}, async t => {
  t.mock.timers.enable({apis: ['setInterval']});
  const root = temporaryFolder(t);
  // Larger than all buffers between the server and the client.
  const size = 256 * mebibyte;
  writeFileSync(join(root, 'large'), '');
  truncateSync(join(root, 'large'), size);
  const door = testDoor(t, {tls: false});
  const {serving, place, makeWay} = await startHolder(t, {root, door});
  const peer = await RawPeer.silent(place);
  t.after(() => peer.socket.destroy());
  peer.send('jangada/1\r\n');
  const {nonce} = json((await peer.frame()) ?? assert.fail());
  const terms = {
    exporter: Buffer.alloc(0),
    serverNonce: Buffer.from(String(nonce), 'base64'),
    clientNonce: Buffer.alloc(32, 7),
  };
  const proof = proofOf('client', goodToken, terms);
  peer.send(encodeLogin({nonce: terms.clientNonce, proof}));
  assert.equal((await peer.frame())?.kind, frameKinds.welcome);
  peer.request(kinds.get, {path: 'large'});
  assert.equal((await peer.frame())?.kind, kinds.file);
  await peer.pauseAfter(mebibyte);
  makeWay();
  door.setTokens('another');
  t.mock.timers.tick(2000);
  peer.socket.resume();
  const answer = await peer.answer();
  assert.match(String(json(answer.at(-1) ?? assert.fail()).message), /another client needs/);
  assert.ok(peer.received < size / 2, `${peer.received} bytes`);
  await serving.close(0);
});

test('a server that stops has logged the end of each connection, or counted it', {
  timeout,
}, async () => {
  const connections = 60;
  const wrongRequests = 10;
  const options = {maxConnections: connections, maxConnectionsPerAddress: connections};
  await using folder = await ServedFolder.start({}, options);
  const peers = await Promise.all(Array.from({length: connections}, () => folder.peer()));
  const requests = Array.from({length: wrongRequests}, () => rawFrame(kinds.stat));
  for (const peer of peers) {
    peer.send(Buffer.concat(requests));
  }

  for (const peer of peers) {
    for (const _ of requests) {
      assert.equal(await peer.errorCode(), 'bad_request');
    }
  }

  await folder.server.close();
  const lines = folder.logs.map(line => JSON.parse(line) as {msg: string; leftOut?: number});
  const leftOut = lines.reduce((sum, {leftOut = 0}) => sum + leftOut, 0);
  const [serving, stopping, stopped] = [/^serving/, /^stopping/, /^stopped/].map(pattern =>
    lines.findIndex(({msg}) => pattern.test(msg)),
  );
  assert.equal(stopped, lines.length - 1);
  const ofClients = lines.filter(
    ({leftOut}, index) => leftOut === undefined && ![serving, stopping, stopped].includes(index),
  );
  assert.equal(ofClients.length + leftOut, connections * (wrongRequests + 1));
  assert.ok(leftOut > 1, 'lines beside the first were left out');
});

test('of clients that are refused and do not leave, as many are told as descriptors allow', {
  timeout,
}, async t => {
  const options = {maxConnections: 1, deadlines: {lingerMs: 3_600_000}};
  await using folder = await ServedFolder.start({old: patternedBytes(32 * mebibyte)}, options);
  const working = await folder.peer();
  working.request(kinds.get, {path: 'old'});
  await working.pauseAfter(mebibyte);
  const knock = async () => {
    const socket = connect({...folder.server, allowHalfOpen: true}).on('error', () => {});
    t.after(() => socket.destroy());
    let received = 0;
    socket.on('data', bytes => {
      received += bytes.length;
    });
    socket.write('jangada/1\r\n');
    await Promise.race([once(socket, 'end'), once(socket, 'close')]);
    return received > 0;
  };
  // No more at once than may be without a place.
  for (let left = mostPlaceless; left > 0; left -= 32) {
    const told = await Promise.all(Array.from({length: Math.min(32, left)}, knock));
    assert.deepEqual(new Set(told), new Set([true]));
  }

  assert.equal(await knock(), false);
});

test('of connections that have said nothing the oldest makes room, whatever its address', {
  timeout,
  skip: process.platform === 'linux' ? false : 'there is one loopback address elsewhere',
}, async () => {
  const options = {maxConnections: 1, maxConnectionsPerAddress: 100, deadlines: {giveWayMs: 0}};
  await using folder = await ServedFolder.start({}, options);
  const silent: RawPeer[] = [];
  // As many as may be without a place, and one that could have the free one.
  for (let count = 0; count < mostPlaceless + 1; count++) {
    const localAddress = count === 0 ? '127.0.0.9' : '127.0.0.1';
    silent.push(await RawPeer.silent({...folder.server, localAddress}));
  }

  const [oldest, ...others] = silent;
  const client = await folder.peer();
  await oldest?.end();
  assert.equal((await client.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  assert.ok(others.every(({closed}) => !closed));
  for (const {socket} of others) {
    socket.destroy();
  }
});
