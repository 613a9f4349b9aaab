/** Clients behind a balancer: a raw peer that acts as one, and a real HAProxy. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {connect} from 'node:net';
import process from 'node:process';
import {PassThrough} from 'node:stream';
import {suite, type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {parseAddress} from '../../../../protocol/address.ts';
import {isJangadaError} from '../../../../protocol/errors.ts';
import type {ClientSocket} from '../../../../server/connection/client-socket.ts';
import {ProxyGate} from '../../../../server/doors/proxy/proxy-gate.ts';
import {Client} from '../../../../source/client/client.ts';
import {Haproxy, haproxyProgram} from '../../../engines/haproxy.ts';
import {goodToken, testDoor} from '../../../fixtures/door.ts';
import {temporaryFolder, until} from '../../../fixtures/harness.ts';
import {ServedFolder} from '../../../fixtures/server/server-folder.ts';
import {kinds, RawPeer} from '../../../fixtures/server/server-raw-peer.ts';

const timeout = 60_000;
const trustProxy = ['127.0.0.1'];
const skip = process.platform === 'linux' ? false : 'there is one loopback address elsewhere';

/** A connection from a balancer, which says that it belongs to `client`. */
async function behindBalancer(folder: ServedFolder, client: string): Promise<RawPeer> {
  const peer = await RawPeer.silent(folder.server);
  // Balancers send the header and the first bytes of the client in one piece.
  peer.send(`PROXY TCP4 ${client} 127.0.0.1 4711 1234\r\njangada/1\r\n`);
  return peer;
}

test('limits and the log use the client that a trusted balancer names', {timeout}, async () => {
  const options = {
    trustProxy,
    maxConnectionsPerAddress: 1,
    deadlines: {giveWayMs: 100, lingerMs: 100},
  };
  await using folder = await ServedFolder.start({a: 'x'}, options);
  const first = await behindBalancer(folder, '10.0.0.1');
  const other = await behindBalancer(folder, '10.0.0.2');
  assert.equal((await first.frame())?.kind, kinds.hello);
  assert.equal((await other.frame())?.kind, kinds.hello);
  assert.equal((await first.ask(kinds.stat, {path: 'a'})).at(-1)?.kind, kinds.entry);
  // The connection of 10.0.0.2 has been idle for longer, but it has another address.
  const again = await behindBalancer(folder, '10.0.0.1');
  assert.equal(await first.errorCode(), 'timed_out');
  assert.equal((await again.frame())?.kind, kinds.hello);
  assert.equal((await other.ask(kinds.stat, {path: 'a'})).at(-1)?.kind, kinds.entry);
  for (const peer of [first, other, again]) {
    peer.socket.destroy();
  }

  await until(() => folder.ended === 3);
  assert.ok(folder.logs.some(line => line.includes('"peer":"10.0.0.1:4711"')));
});

test('a trusted balancer that sends no header is refused, and the log says why', {
  timeout,
}, async () => {
  await using folder = await ServedFolder.start({}, {trustProxy});
  const peer = await folder.silentPeer();
  peer.send('jangada/1\r\n');
  await peer.end();
  assert.equal(peer.received, 0);
  assert.ok(folder.logs.some(line => /"level":40.*sent no valid PROXY protocol header/.test(line)));
});

test('a connection without a header ends at the deadline for the preface', {timeout}, async () => {
  await using folder = await ServedFolder.start({}, {trustProxy, deadlines: {prefaceMs: 50}});
  const peer = await folder.silentPeer();
  peer.send('PROXY TCP4 ');
  await peer.end();
  assert.ok(
    folder.logs.some(line =>
      /"level":40.*"peer":"127\.0\.0\.1:.*no complete PROXY protocol header/.test(line),
    ),
  );
});

test('if too many connections have sent no header yet, more are closed, and the log says why', {
  timeout,
}, async () => {
  const options = {trustProxy, maxConnections: 1, maxConnectionsPerAddress: 1};
  await using folder = await ServedFolder.start({}, options);
  const peers = await Promise.all(Array.from({length: 129}, () => folder.silentPeer()));
  await until(() => folder.logs.some(line => /"level":40.*Too many connections of/.test(line)));
  for (const peer of peers) {
    peer.socket.destroy();
  }
});

test('a server that stops ends connections that have sent no header yet', {timeout}, async () => {
  const folder = await ServedFolder.start({}, {trustProxy});
  const peer = await folder.silentPeer();
  peer.send('PROXY ');
  await until(() => peer.socket.bytesWritten === 6);
  await folder.server.close({graceMs: 3_600_000});
  await peer.end();
  await folder[Symbol.asyncDispose]();
});

for (const [what, header] of [
  ['version 1', 'PROXY TCP4 10.0.0.1 127.0.0.1 1 2\r\n'],
  ['version 2', '\r\n\r\n\0\r\nQUIT\n\u0020\0\0\0'],
] as const) {
  test(`a header of ${what} from an address that is not trusted is refused with a message`, {
    timeout,
    skip,
  }, async () => {
    await using folder = await ServedFolder.start({}, {trustProxy: ['127.0.0.9']});
    const peer = await folder.silentPeer();
    peer.send(header);
    const frame = await peer.frame();
    assert.match(`${frame?.payload}`, /bad_request.*--trust-proxy/);
    await peer.end();
  });
}

test('a client that is not behind a balancer is served as usual', {timeout, skip}, async () => {
  await using folder = await ServedFolder.start({a: 'x'}, {trustProxy: ['127.0.0.9']});
  const peer = await folder.peer();
  assert.equal((await peer.ask(kinds.stat, {path: 'a'})).at(-1)?.kind, kinds.entry);
});

/** A gate for one connection at a time, and what it refuses. */
function startGate(t: TestContext) {
  const {timers} = t.mock;
  timers.enable({apis: ['setTimeout']});
  const refused: string[] = [];
  const gate = new ProxyGate({
    ...{trusted: ['10.0.0.1'], deadlineMs: 2000, most: 1},
    refused: (_, why) => refused.push(why),
  });
  const admitted: unknown[] = [];
  const read = () => {
    const socket = new PassThrough();
    // The gate reads it as any socket.
    gate.read(socket as unknown as ClientSocket, client => admitted.push(client));
    return socket;
  };
  return {admitted, read, refused, timers};
}

test('a client that a header has named owes nothing more: no deadline, no listener, no place at the gate', async t => {
  const {admitted, read, refused, timers} = startGate(t);
  for (const _ of ['first', 'second']) {
    const socket = read();
    const before = socket.listenerCount('close');
    socket.write('PROXY TCP4 10.0.0.9 10.0.0.1 5 6\r\njangada/1\r\n');
    await turn();
    timers.tick(2000);
    assert.equal(socket.destroyed, false);
    assert.equal(socket.listenerCount('readable'), 0);
    assert.equal(socket.listenerCount('close'), before - 1);
    assert.equal(String(socket.read()), 'jangada/1\r\n');
  }

  assert.deepEqual(refused, []);
  const client = {address: '10.0.0.9', port: 5};
  assert.deepEqual(admitted, [client, client]);
});

test('a connection that leaves, fails or is refused at the gate makes room for the next one', async t => {
  const {admitted, read, refused, timers} = startGate(t);
  const leaves = read();
  const tooMany = read();
  assert.equal(tooMany.destroyed, true);
  assert.match(refused.pop() ?? '', /^Too many connections/);
  leaves.destroy(new Error('ECONNRESET'));
  await turn();
  const wrong = read();
  wrong.write('GET / HTTP/1.1\r\n');
  await turn();
  assert.equal(wrong.destroyed, true);
  assert.match(refused.pop() ?? '', /begins with other bytes/);
  const late = read();
  late.write('PROXY TCP4 ');
  timers.tick(1999);
  assert.equal(late.destroyed, false);
  timers.tick(1);
  assert.equal(late.destroyed, true);
  assert.match(refused.pop() ?? '', /within 2 s$/);
  await turn();
  read();
  assert.deepEqual([refused, admitted], [[], []]);
});

test('networks are trusted as a whole, and IPv4 addresses also if the server listens on IPv6', () => {
  const gate = new ProxyGate({
    trusted: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.7'],
    deadlineMs: 1,
    most: 1,
    refused: () => {},
  });
  for (const [address, isTrusted] of [
    ['10.255.0.1', true],
    ['::ffff:10.0.0.1', true],
    ['11.0.0.1', false],
    ['2001:db8:1::1', true],
    ['2001:db9::1', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
  ] as const) {
    assert.equal(gate.isTrusted(address), isTrusted, address);
  }
});

for (const text of [
  '',
  'localhost',
  '10.0.0.0/33',
  '10.0.0.0/8/8',
  '::/129',
  '10.0.0.0/',
  '1.2.3',
]) {
  test(`'${text}' is not accepted as the address of a balancer`, () => {
    assert.throws(
      () => new ProxyGate({trusted: [text], deadlineMs: 1, most: 1, refused: () => {}}),
      error => isJangadaError(error, 'usage'),
    );
  });
}

suite('HAProxy', {
  skip: skip || (existsSync(haproxyProgram) ? false : 'there is no HAProxy'),
}, () => {
  for (const option of ['send-proxy', 'send-proxy-v2']) {
    test(`with ${option}: TLS and a token work behind it, and the log has the client`, {
      timeout,
    }, async t => {
      const door = testDoor(t);
      await using folder = await ServedFolder.start({a: 'content'}, {trustProxy, door});
      await using haproxy = await Haproxy.start(
        temporaryFolder(t),
        [`127.0.0.1:${folder.server.port}`],
        option,
      );
      const {port} = haproxy;
      const address = parseAddress(
        `jangadas://${goodToken}@127.0.0.1:${port}#sha256:${door.tls?.fingerprint}`,
      );
      await using client = new Client(address);
      assert.equal((await client.hash(address.path, {}).catch(error => error)).code, 'not_a_file');
      const peer = connect({host: '127.0.0.1', port, localAddress: '127.0.0.77'});
      t.after(() => peer.destroy());
      await once(peer, 'connect');
      peer.end('not TLS');
      await until(() => folder.logs.some(line => line.includes('"peer":"127.0.0.77:')));
    });
  }
});
