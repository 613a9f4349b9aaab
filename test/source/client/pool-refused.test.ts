import assert from 'node:assert/strict';
import {once} from 'node:events';
import {type AddressInfo, createServer, type Socket} from 'node:net';
import {test} from 'node:test';
import {parseAddress} from '../../../protocol/address.ts';
import {encodeHello} from '../../../protocol/hello.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {Pool} from '../../../source/client/pool.ts';
import {until} from '../../fixtures/harness.ts';

test('a caller whose further connection is refused gets one that became free meanwhile', {
  timeout: 90_000,
}, async t => {
  const sockets: Socket[] = [];
  const server = createServer(socket => sockets.push(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const {port} = server.address() as AddressInfo;
  const address = parseAddress(`127.0.0.1:${port}`);
  const pool = new Pool(address, {size: 2, retries: 0, retryFirst: false});
  t.after(() => pool.close());
  const opening = pool.acquire();
  await until(() => sockets.length === 1);
  const limits = {payload: 262_144, pipelined: 8, ranges: 8, masks: 8, maskLength: 8};
  sockets[0]?.write(
    encodeHello({protocol: 1, server: 'small', algorithms: ['sha256'], token: false, limits}),
  );
  const first = await opening;
  const further = pool.acquire();
  await until(() => sockets.length === 2);
  pool.release(first);
  sockets[1]?.end(encodeAnswer('error', {code: 'busy', message: 'full'}));
  assert.equal(await further, first);
});

test('a caller whose further connection was refused gets one that becomes free while it waits', {
  timeout: 90_000,
}, async t => {
  const sockets: Socket[] = [];
  const server = createServer(socket => sockets.push(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  // A listening TCP server always has this type of address.
  const {port} = server.address() as AddressInfo;
  const options = {size: 2, retries: 1000, retryFirst: false};
  const pool = new Pool(parseAddress(`127.0.0.1:${port}`), options);
  t.after(() => pool.close());
  const opening = pool.acquire();
  await until(() => sockets.length === 1);
  const limits = {payload: 262_144, pipelined: 8, ranges: 8, masks: 8, maskLength: 8};
  sockets[0]?.write(
    encodeHello({protocol: 1, server: 'small', algorithms: ['sha256'], token: false, limits}),
  );
  const first = await opening;
  // The pause after a refusal never ends by itself.
  const paused = t.mock.method(pool, 'backOff', (_: number, signal: AbortSignal) => {
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('stopped')));
    });
  });
  const further = pool.acquire();
  await until(() => sockets.length === 2);
  sockets[1]?.end(encodeAnswer('error', {code: 'busy', message: 'full'}));
  await until(() => paused.mock.callCount() === 1);
  const stop = new AbortController();
  const stopped = pool.acquire(stop.signal);
  stop.abort();
  await assert.rejects(stopped, {code: 'aborted'});
  pool.release(first);
  assert.equal(await further, first);
  assert.equal(sockets.length, 2);
});

test('a server that has answered before and now closes connections is not reported as another program', {
  timeout: 90_000,
}, async t => {
  const sockets: Socket[] = [];
  const server = createServer(socket => {
    sockets.push(socket.on('error', () => {}));
    if (sockets.length > 1) {
      // Like a balancer without a server.
      socket.resetAndDestroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  // A listening TCP server always has this type of address.
  const {port} = server.address() as AddressInfo;
  const pool = new Pool(parseAddress(`127.0.0.1:${port}`), {
    ...{size: 1, retries: 1, retryFirst: false},
  });
  t.after(() => pool.close());
  const told: string[] = [];
  pool.onLink(link => {
    if (link.name === 'waiting') {
      told.push(link.reason);
    }
  });
  const opening = pool.acquire();
  await until(() => sockets.length === 1);
  const limits = {payload: 262_144, pipelined: 8, ranges: 8, masks: 8, maskLength: 8};
  sockets[0]?.write(
    encodeHello({protocol: 1, server: 'one', algorithms: ['sha256'], token: false, limits}),
  );
  (await opening).close();
  const why = `127.0.0.1:${port} cannot answer now: it closed the connection without a greeting`;
  await assert.rejects(pool.acquire(), {code: 'unreachable', message: why});
  assert.deepEqual(told, [why]);
});
