import assert from 'node:assert/strict';
import type {Socket} from 'node:net';
import {type TestContext, test} from 'node:test';
import {isJangadaError} from '../../../protocol/errors.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {rootPath} from '../../../protocol/remote-path.ts';
import {startServer} from '../../../server/server.ts';
import {Client, type LinkState} from '../../../source/client/client.ts';
import {freePort} from '../../fixtures/free-port.ts';
import {path, startHarness, until} from '../../fixtures/harness.ts';
import {Delays} from '../../fixtures/server/effort.ts';
import {startHostileServer} from '../../fixtures/server/hostile-server.ts';

/** So that a hanging test fails. */
const timeout = 90_000;

/** All states of the link of `client` from now on. */
function linksOf(client: Client): LinkState[] {
  const links: LinkState[] = [];
  client.onLink(link => links.push(link));
  return links;
}

test('a lost connection is opened again without any request', {timeout}, async t => {
  const {client, root, server} = await startHarness(t, {
    client: {keepConnected: true},
    server: {port: await freePort()},
  });
  await client.ping();
  const links = linksOf(client);
  using delays = new Delays();
  const closedAtMs = Date.now();
  await server.close({graceMs: 0});
  await until(() => client.link.name === 'waiting');
  const [first] = links;
  assert.ok(first?.name === 'waiting');
  // The server has said good-bye, so the client has already tried to connect once.
  assert.match(first.reason, /nothing listens there/);
  assert.ok(first.retryInMs >= 500 && first.retryInMs <= 1000);
  const afterMs = first.retryAtMs - closedAtMs;
  assert.ok(afterMs >= 400 && afterMs <= 3000 + delays.totalMs, `${afterMs} ms`);
  // The next attempt fails, too, and reports why.
  await until(() => links.length > 1);
  const [, second] = links;
  assert.ok(second?.name === 'waiting');
  assert.match(second.reason, /nothing listens there/);
  assert.ok(second.retryInMs >= 1000 && second.retryInMs <= 2000);
  const next = await startServer({root, port: server.port});
  t.after(() => next.close({graceMs: 0}));
  await until(() => client.link.name === 'connected');
  assert.deepEqual(new Set(links.map(({name}) => name)), new Set(['waiting', 'connected']));
});

test('a new call ends the wait for a server at once, and the waiting calls continue with it', {
  timeout,
}, async t => {
  const {root, server} = await startHarness(t, {server: {port: await freePort()}});
  await using client = new Client(
    {scheme: 'jangada', host: server.host, port: server.port, path: rootPath},
    {keepConnected: true, retries: 100},
  );
  await client.ping();
  await server.close({graceMs: 0});
  const links = linksOf(client);
  const waiting = [client.ping(), client.ping(), client.stat(rootPath)];
  using delays = new Delays();
  // Until the next attempt is a few seconds away.
  await until(() => links.at(-1)?.name === 'waiting' && links.length >= 4);
  const next = await startServer({root, port: server.port});
  t.after(() => next.close({graceMs: 0}));
  const last = links.at(-1);
  assert.ok(last?.name === 'waiting');
  await client.ping();
  await Promise.all(waiting);
  assert.ok(Date.now() - delays.totalMs < last.retryAtMs);
});

test('all calls that wait for a server share each attempt, and each attempt is reported once', {
  timeout,
}, async t => {
  const place = {port: await freePort()};
  const {client, server} = await startHarness(t, {client: {retries: 2}, server: place});
  await client.ping();
  await server.close({graceMs: 0});
  await until(() => client.link.name === 'idle');
  const links = linksOf(client);
  const calls = Array.from({length: 5}, () => client.stat(path('a')));
  for (const call of await Promise.allSettled(calls)) {
    assert.ok(call.status === 'rejected' && isJangadaError(call.reason, 'unreachable'));
  }

  assert.deepEqual(
    links.map(({name}) => name),
    ['waiting', 'waiting', 'idle'],
  );
});

test('a stopped call costs its connection, but no loss is reported', {
  timeout,
}, async t => {
  let connections = 0;
  const address = await startHostileServer(
    t,
    () => undefined,
    [],
    () => connections++,
  );
  await using client = new Client(address, {keepConnected: true});
  const abort = new AbortController();
  const links = linksOf(client);
  const call = client.stat(path('a'), {signal: abort.signal});
  await until(() => client.link.name === 'connected');
  abort.abort();
  await assert.rejects(call, error => isJangadaError(error, 'aborted'));
  await until(() => connections === 2);
  await until(() => client.link.name === 'connected');
  assert.deepEqual(
    links.map(({name}) => name),
    ['connected', 'idle', 'connected'],
  );
});

test('a server that is gone when a call is stopped is tried after pauses, and the link reports the wait', {
  timeout,
}, async t => {
  let connections = 0;
  const address = await startHostileServer(
    t,
    () => undefined,
    [],
    socket => {
      connections++;
      if (connections > 1) {
        socket.write(encodeAnswer('error', {code: 'timed_out', message: 'Too many are here'}));
      }
    },
  );
  await using client = new Client(address, {keepConnected: true});
  const abort = new AbortController();
  const call = client.stat(path('a'), {signal: abort.signal});
  await until(() => client.link.name === 'connected');
  const links = linksOf(client);
  abort.abort();
  await assert.rejects(call, error => isJangadaError(error, 'aborted'));
  await until(() => client.link.name === 'waiting' || connections > 20);
  assert.equal(connections, 2);
  assert.deepEqual(
    links.map(link => [link.name, link.name === 'waiting' ? link.reason : undefined]),
    [
      ['idle', undefined],
      ['waiting', 'Too many are here'],
    ],
  );
});

test('a server that drops every connection is not tried without a pause', {timeout}, async t => {
  const times: number[] = [];
  const address = await startHostileServer(
    t,
    () => undefined,
    [],
    socket => {
      times.push(performance.now());
      socket.end();
    },
  );
  await using client = new Client(address, {keepConnected: true});
  await assert.rejects(client.ping());
  await until(() => times.length === 4);
  const pauses = times.slice(1).map((timeMs, index) => timeMs - (times[index] ?? 0));
  // The first pause belongs to the call, which tries again at once.
  assert.ok(pauses.slice(1).every(pauseMs => pauseMs >= 490));
  assert.ok((pauses.at(-1) ?? 0) >= 990);
});

/** A client that keeps connected to a server that greets, and says good-bye a moment after it has called `onGreeted`. */
async function keptByLeaving(
  t: TestContext,
  onGreeted: (connections: number) => void = () => undefined,
) {
  let connections = 0;
  const leaveSoon = (socket: Socket) =>
    setTimeout(() => {
      onGreeted(connections);
      socket.end(encodeAnswer('error', {code: 'timed_out', message: 'x', leaving: true}));
    }, 50);
  const address = await startHostileServer(
    t,
    socket => {
      socket.write(encodeAnswer('pong', {}));
      leaveSoon(socket);
    },
    [],
    socket => {
      connections++;
      // The first connection gets its good-bye after its request.
      if (connections > 1) {
        leaveSoon(socket);
      }
    },
  );
  const client = new Client(address, {keepConnected: true});
  t.after(() => client[Symbol.asyncDispose]());
  const waits: number[] = [];
  client.onLink(({name}) => {
    if (name === 'waiting') {
      waits.push(connections);
    }
  });
  await client.ping();
  // Also end after far too many connections, so that the test fails instead of hanging.
  await until(() => waits.length === 2 || connections > 50);
  return waits;
}

test('a server that says good-bye after each greeting is soon tried only after pauses', {
  timeout,
}, async t => {
  assert.deepEqual(await keptByLeaving(t), [9, 10]);
});

test('the count of good-byes starts again after a stable connection', {timeout}, async t => {
  const now = performance.now.bind(performance);
  const waits = await keptByLeaving(t, connections => {
    if (connections === 5) {
      t.mock.method(performance, 'now', () => now() + 11_000);
    }
  });
  assert.deepEqual(waits, [5 + 8, 5 + 9]);
});

test('a closed client makes no more attempts', async t => {
  const {server} = await startHarness(t, {server: {port: await freePort()}});
  const client = new Client(
    {scheme: 'jangada', host: server.host, port: server.port, path: rootPath},
    {keepConnected: true},
  );
  await client.ping();
  await server.close({graceMs: 0});
  await until(() => client.link.name === 'waiting');
  const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
  const before = timers();
  await client[Symbol.asyncDispose]();
  await until(() => timers() < before);
  assert.equal(client.link.name, 'idle');
});
