import assert from 'node:assert/strict';
import {once} from 'node:events';
import {type AddressInfo, createServer, type Socket} from 'node:net';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../../protocol/address.ts';
import {encodeHello} from '../../../protocol/hello.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {Client} from '../../../source/client/client.ts';
import {Pool} from '../../../source/client/pool.ts';
import {until} from '../../fixtures/harness.ts';

const timeout = 90_000;
const limits = {payload: 262_144, pipelined: 8, ranges: 8, masks: 8, maskLength: 8};
const greeting = encodeHello({
  ...{protocol: 1, server: 'slow', algorithms: ['sha256'], token: false, limits},
});

/** A server that does not greet; the test writes the greetings. */
async function startSlowServer(t: TestContext) {
  const sockets: Socket[] = [];
  const server = createServer(socket => sockets.push(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) {
      socket.destroy();
    }

    server.close();
  });
  // A listening TCP server always has this type of address.
  const {port} = server.address() as AddressInfo;
  return {sockets, address: parseAddress(`127.0.0.1:${port}`)};
}

test('callers wait for connections that are being opened ahead, and open no others', {
  timeout,
}, async t => {
  const {sockets, address} = await startSlowServer(t);
  const pool = new Pool(address, {size: 6, retries: 0, retryFirst: false});
  t.after(() => pool.close());
  pool.openAhead(3);
  const callers = [pool.acquire(), pool.acquire(), pool.acquire()];
  await until(() => sockets.length === 3);
  for (const socket of sockets) {
    socket.write(greeting);
  }

  assert.equal(new Set(await Promise.all(callers)).size, 3);
  // The fourth caller opens a connection of its own.
  const fourth = pool.acquire();
  await until(() => sockets.length === 4);
  sockets[3]?.write(greeting);
  await fourth;
  // No further connection is needed.
  pool.openAhead(4);
  assert.equal(sockets.length, 4);
});

test('if opening ahead fails, the caller that waits for the connection opens it', {
  timeout,
}, async t => {
  const {sockets, address} = await startSlowServer(t);
  const pool = new Pool(address, {size: 2, retries: 0, retryFirst: false});
  t.after(() => pool.close());
  pool.openAhead(1);
  const caller = pool.acquire();
  await until(() => sockets.length === 1);
  sockets[0]?.end(encodeAnswer('error', {code: 'busy', message: 'full'}));
  await until(() => sockets.length === 2);
  sockets[1]?.write(greeting);
  await caller;
});

test('with a long round trip, connections are open before they are needed', {timeout}, async t => {
  const {sockets, address} = await startSlowServer(t);
  await using client = new Client(address, {connections: 4});
  const hello = client.hello();
  await until(() => sockets.length === 1);
  setTimeout(() => sockets[0]?.write(greeting), 200);
  await hello;
  client.openAhead();
  await until(() => sockets.length === 4);
});

test('with an unknown round trip, no connection is opened before it is needed', {
  timeout,
}, async t => {
  const {sockets, address} = await startSlowServer(t);
  await using client = new Client(address, {connections: 4});
  client.openAhead();
  const hello = client.hello();
  await until(() => sockets.length > 0);
  sockets[0]?.write(greeting);
  await hello;
  assert.equal(sockets.length, 1);
});

test('on a short way no connection is opened before it is needed', {timeout}, async t => {
  t.mock.method(performance, 'now', () => 1000);
  const {sockets, address} = await startSlowServer(t);
  await using client = new Client(address, {connections: 4});
  const hello = client.hello();
  await until(() => sockets.length === 1);
  sockets[0]?.write(greeting);
  await hello;
  client.openAhead();
  // One that is needed comes after those that were opened ahead.
  await client.withConnection(async () => {
    const second = client.withConnection(async () => undefined);
    await until(() => sockets.length > 1);
    sockets.at(-1)?.write(greeting);
    await second;
  });
  assert.equal(sockets.length, 2);
});

test('a connection that is opened ahead is tried once, however many retries a call has', {
  timeout,
}, async t => {
  const {sockets, address} = await startSlowServer(t);
  const pool = new Pool(address, {size: 2, retries: 5, retryFirst: true});
  t.after(() => pool.close());
  const states: string[] = [];
  pool.onLink(({name}) => states.push(name));
  pool.openAhead(1);
  await until(() => sockets.length === 1);
  sockets[0]?.end(encodeAnswer('error', {code: 'busy', message: 'full'}));
  const caller = pool.acquire();
  await until(() => sockets.length === 2);
  assert.deepEqual(states, []);
  sockets[1]?.write(greeting);
  await caller;
});
