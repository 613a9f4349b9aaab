import assert from 'node:assert/strict';
import type {Buffer} from 'node:buffer';
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {createServer as createHttpServer} from 'node:http';
import {type AddressInfo, createServer, type Socket} from 'node:net';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {createServer as createTlsServer} from 'node:tls';
import {encodeFrame, frameKinds} from '../../../protocol/frame.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {freePort} from '../../fixtures/free-port.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';
import {runHere} from './run.ts';

/** Any type of Node's servers. */
type Listener = ReturnType<typeof createServer>;

async function listen(t: TestContext, server: Listener): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', socket => sockets.add(socket));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server of plain sockets that ignores errors. */
function sockets(onConnection: (socket: Socket) => void): Listener {
  return createServer(socket => {
    socket.on('error', () => undefined);
    onConnection(socket);
  });
}

for (const [what, start, how] of [
  ['HTTP', () => createHttpServer((_request, response) => response.end('hello')), 'like HTTP'],
  [
    'HTTP that answers without a header',
    () => sockets(socket => socket.once('data', () => socket.end('<!DOCTYPE HTML>\n<html>'))),
    'like HTTP',
  ],
  [
    'TLS',
    () => sockets(socket => socket.once('data', () => socket.end('\x15\x03\x01\0\x02\x02F'))),
    'like TLS',
  ],
  ['ssh', () => sockets(socket => socket.write('SSH-2.0-OpenSSH_9.2p1\r\n')), 'like ssh'],
  [
    'an old dialogue',
    () => sockets(socket => socket.once('data', () => socket.end('Envie o nome: '))),
    "with the text 'Envie o nome: '",
  ],
  [
    'a program that says a few letters',
    () => sockets(socket => socket.once('data', () => socket.end('OK'))),
    "with the text 'OK'",
  ],
] as const) {
  test(`if ${what} listens, commands report it and end with 3`, async t => {
    const address = await listen(t, start());
    for (const words of [['list'], ['sget', 'a'], ['mget', '*'], ['hash', 'a'], ['verify', 'a']]) {
      const ran = await runHere([...words, '-s', address]);
      assert.deepEqual([ran.status, ran.stdout], [3, '']);
      assert.equal(
        ran.stderr,
        `jangada: The program that listens on ${address} is not a jangada-server (it answered ${how}). Check the address\n`,
      );
    }
  });
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`if a server of ${version} closes without an answer, commands say that it may expect TLS`, async t => {
    const versions = {minVersion: version, maxVersion: version};
    const address = await listen(t, createTlsServer({...certificate(t), ...versions}));
    const ran = await runHere(['list', '-s', address]);
    assert.equal(ran.status, 3);
    assert.equal(
      ran.stderr,
      `jangada: The program that listens on ${address} is not a jangada-server, or is one that cannot answer now ` +
        '(it closed the connection without a greeting). It may expect TLS: then its address begins with jangadas://. ' +
        'Check the address\n',
    );
  });
}

/** A key and a certificate for this test. */
function certificate(t: TestContext): {key: Buffer; cert: Buffer} {
  const folder = temporaryFolder(t);
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost'];
  execFileSync('openssl', [...made, '-keyout', key, '-out', cert], {stdio: 'ignore'});
  return {key: readFileSync(key), cert: readFileSync(cert)};
}

for (const [what, frame, why] of [
  [
    'is full',
    encodeAnswer('error', {
      code: 'busy',
      message: 'The server has 64 connections; try again later',
    }),
    'The server has 64 connections; try again later',
  ],
  [
    'is of a later version',
    encodeFrame(frameKinds.hello, JSON.stringify({protocol: 2, of: 'later'})),
    'The server speaks version 2 of the protocol, and this program version 1: update the older of the two',
  ],
] as const) {
  test(`a server that ${what} is not reported as another program`, async t => {
    const address = await listen(
      t,
      sockets(socket => socket.end(frame)),
    );
    const ran = await runHere(['list', '-s', address]);
    assert.equal(ran.status, 3);
    assert.equal(ran.stderr, `jangada: No connection to jangada://${address}: ${why}\n`);
  });
}

test('if all of several servers are full, no address is doubted; if one does not answer, the addresses are', async t => {
  const busy = encodeAnswer('error', {
    code: 'busy',
    message: 'The server has 64 connections; try again later',
  });
  const full = () =>
    listen(
      t,
      sockets(socket => socket.end(busy)),
    );
  const [one, other] = [await full(), await full()];
  const ran = await runHere(['list', '-s', one, '-s', other]);
  assert.equal(ran.status, 3);
  const why = '(The server has 64 connections; try again later)';
  assert.equal(
    ran.stderr.split('\n').at(-2),
    `jangada: No connection to any of the servers: ${one} ${why}, ${other} ${why}`,
  );
  const none = `127.0.0.1:${await freePort()}`;
  const {stderr} = await runHere(['list', '-s', one, '-s', none]);
  assert.match(
    stderr,
    /: 127\.0\.0\.1:\d+ \(.+\), 127\.0\.0\.1:\d+ \(.+\)\. Check the addresses, and/,
  );
});
