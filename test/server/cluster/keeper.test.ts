/** The keeper of serving processes that a test plays. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {syncBuiltinESMExports} from 'node:module';
import {connect} from 'node:net';
import {type TestContext, test} from 'node:test';
import timersPromises, {setImmediate as turn} from 'node:timers/promises';
import {pino} from 'pino';
import {type ClusterOptions, startCluster} from '../../../server/cluster/keeper.ts';
import {mostPlaceless} from '../../../server/connection/places.ts';
import {noCounts} from '../../../server/metrics/counts.ts';
import type {RunningServer} from '../../../server/server.ts';
import {testDoor} from '../../fixtures/door.ts';
import {fakeChildren} from '../../fixtures/server/fake-children.ts';
import {until} from '../../fixtures/server/server-folder.ts';

/** A test that hangs fails instead. */
const timeout = 60_000;

type Line = {msg: string; level: number; process?: number} & Record<string, unknown>;

async function startKeeper(t: TestContext, options: Partial<ClusterOptions> = {}) {
  const children = fakeChildren(t);
  const lines: Line[] = [];
  const logger = pino({level: 'debug'}, {write: line => lines.push(JSON.parse(line) as Line)});
  const starting = startCluster({
    ...{root: '/srv/files', port: 0, processes: 2, doorOptions: {}, isLocal: true},
    ...{logLevel: 'silent', logger, ...options},
  });
  for (const child of children) {
    child.tell({tell: 'serving'});
  }

  const server = await starting;
  t.after(() => stop(server));
  const stop = async (server: RunningServer) => {
    const closed = server.close({graceMs: 0});
    await turn();
    for (const child of children.filter(({connected}) => connected)) {
      child.end(0);
    }

    await closed;
  };
  return {
    ...{children, lines, server, stop},
    told: (msg: RegExp) => lines.filter(line => msg.test(line.msg)),
  };
}

/** A client of the server. */
async function client(t: TestContext, {host, port}: RunningServer) {
  const socket = connect(port, host).on('error', () => {});
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

test('each process gets the options of the server, and its own number', {timeout}, async t => {
  const options = {
    ...{root: 's3://photos', s3Endpoint: 'http://h:1', workers: 3, limit: 5000},
    ...{trustProxy: ['10.0.0.1'], classic: {pauseMs: 7}, deadlines: {idleMs: 9}},
    ...{isLocal: false, logLevel: 'warn', digests: {kind: 'memory'}},
    doorOptions: {noToken: true, insecure: true},
  } satisfies Partial<ClusterOptions>;
  const limits = {maxConnections: 6, maxConnectionsPerAddress: 4};
  const {children} = await startKeeper(t, {...options, ...limits});
  const {doorOptions: door, ...rest} = options;
  assert.deepEqual(
    children.map(({beginning}) => beginning),
    [1, 2].map(process => ({
      ...{process, processes: 2, most: 6, mostPerAddress: 4, door},
      ...rest,
    })),
  );
});

test('a process without options of its own gets none, and places as the documents say', {
  timeout,
}, async t => {
  const {children, lines} = await startKeeper(t, {processes: 1});
  assert.deepEqual(JSON.parse(JSON.stringify(children[0]?.beginning)), {
    ...{process: 1, processes: 1, most: 64, mostPerAddress: 32, root: '/srv/files'},
    ...{door: {}, isLocal: true, logLevel: 'silent'},
  });
  assert.deepEqual(
    lines.map(({msg}) => msg),
    [
      'a serving process is ready',
      "serving '/srv/files', read-only, to programs on this machine alone",
    ],
  );
  assert.deepEqual([lines[0]?.process, lines[0]?.pidOfProcess], [1, 4711]);
});

test('a server that cannot start ends the processes that can', {timeout}, async t => {
  const children = fakeChildren(t);
  const starting = startCluster({
    ...{root: '/srv/files', port: 0, processes: 2, doorOptions: {}, isLocal: true},
    logLevel: 'silent',
  });
  children[0]?.tell({tell: 'serving'});
  children[1]?.tell({tell: 'failed', code: 'not_a_folder', message: 'it is a file'});
  children[1]?.end();
  const failed = assert.rejects(starting, {code: 'not_a_folder', message: 'it is a file'});
  await until(() => children[0]?.told.length === 1, 'it is stopped');
  assert.deepEqual(children[0]?.told, [{do: 'stop', graceMs: 0}]);
  children[0]?.end(0);
  await failed;
  assert.equal(children.length, 2, 'none is started anew');
});

test('a process that ends before it serves ends the start, and gets no successor', {
  timeout,
}, async t => {
  const children = fakeChildren(t);
  const lines: string[] = [];
  const starting = startCluster({
    ...{root: '/srv/files', port: 0, processes: 1, doorOptions: {}, isLocal: true},
    ...{logLevel: 'silent', logger: pino({}, {write: line => lines.push(line)})},
  });
  children[0]?.end(1);
  await assert.rejects(starting, {code: 'internal', message: /ended while it started/});
  assert.deepEqual([children.length, lines], [1, []]);
});

test('a process that ends after it was ready and before the server is gets a successor', {
  timeout,
}, async t => {
  const children = fakeChildren(t);
  const lines: Line[] = [];
  const starting = startCluster({
    ...{root: '/srv/files', port: 0, processes: 2, doorOptions: {}, isLocal: true},
    logLevel: 'silent',
    logger: pino({}, {write: line => lines.push(JSON.parse(line) as Line)}),
  });
  children[0]?.tell({tell: 'serving'});
  await turn();
  children[0]?.end(null, 'SIGKILL');
  await turn();
  assert.equal(children.length, 2);
  children[1]?.tell({tell: 'serving'});
  const server = await starting;
  t.after(async () => {
    const closed = server.close({graceMs: 0});
    await turn();
    for (const child of children.slice(1)) {
      child.end(0);
    }

    await closed;
  });
  await until(() => children.length === 3, 'another one starts', 5000);
  assert.equal(children[2]?.beginning.process, 1);
  const ended = lines.filter(({msg}) => msg.includes('and its connections with it'));
  assert.deepEqual(
    ended.map(({process, signal}) => [process, signal]),
    [[1, 'SIGKILL']],
  );
});

test('a connection goes to the process that has the fewest, and to none that has not begun', {
  timeout,
}, async t => {
  const {children, server} = await startKeeper(t);
  const [first, second] = children;
  assert.ok(first && second);
  const passed = () => [first, second].map(({passed}) => passed.length);
  for (const expected of [
    [1, 0],
    [1, 1],
    [2, 1],
  ]) {
    await client(t, server);
    await until(() => `${passed()}` === `${expected}`, `${expected} are passed`);
  }

  first.tell({tell: 'closed'});
  first.tell({tell: 'closed'});
  await client(t, server);
  await until(() => first.passed.length === 3, 'the first has fewer again');
  second.end();
  await until(() => children.length === 3, 'another one starts');
  for (const count of [4, 5]) {
    await client(t, server);
    await until(() => first.passed.length === count, 'only the first serves');
  }
});

test('connections beyond those that all processes can hold are closed and counted, without a word', {
  timeout,
}, async t => {
  const counts = noCounts();
  const {children, server, stop, told} = await startKeeper(t, {
    ...{counts, processes: 1, maxConnections: 1},
  });
  // One with a place.
  const most = 1 + 3 * mostPlaceless;
  await Promise.all(Array.from({length: most}, () => client(t, server)));
  const passed = () => children[0]?.passed.length;
  await until(() => passed() === most, 'they are passed');
  assert.equal(counts.refusedConnections, 0);
  for (const _ of ['first', 'second', 'third']) {
    const refused = await client(t, server);
    await once(refused.resume(), 'close');
  }

  assert.deepEqual([passed(), counts.refusedConnections], [most, 3]);
  const lines = () =>
    told(/closed connections without a word/).map(({level, refused}) => [level, refused]);
  assert.deepEqual(lines(), [[40, 1]]);
  await stop(server);
  assert.deepEqual(lines(), [
    [40, 1],
    [40, 2],
  ]);
});

test('a process that lived for ten seconds is replaced at once, and one that did not later and later', {
  timeout,
}, async t => {
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  const {children, told} = await startKeeper(t, {processes: 1});
  for (const [lives, livedMs] of [10_000, 9_999, 0].entries()) {
    nowMs += livedMs;
    children[lives]?.end(9, null);
    await turn();
    if (lives < 2) {
      while (children.length === lives + 1) {
        await turn();
      }
    }
  }

  const ended = told(/and its connections with it/);
  assert.deepEqual(
    ended.map(({waitMs}) => waitMs),
    [0, 0, 500],
  );
  assert.deepEqual([ended[0]?.level, ended[0]?.process, ended[0]?.status], [50, 1, 9]);
});

test('a process that fails later is told of in the log, and not after the server has stopped', {
  timeout,
}, async t => {
  const {children, server, stop, told} = await startKeeper(t);
  children[1]?.end(null, 'SIGSEGV');
  await until(() => children.length === 3, 'another one starts');
  assert.equal(told(/and its connections with it/)[0]?.signal, 'SIGSEGV');
  children[2]?.tell({tell: 'failed', code: 'not_found', message: 'gone\u001b'});
  await turn();
  const [failed] = told(/failed to start/);
  assert.deepEqual([failed?.level, failed?.process, failed?.error], [50, 2, 'gone\\x1b']);
  using timers = t.mock.timers;
  timers.enable({apis: ['setTimeout']});
  children[2]?.end();
  while (told(/and its connections with it/).length < 2) {
    await turn();
  }

  // Its successor would start in half a second.
  await stop(server);
  timers.tick(60_000);
  assert.equal(children.length, 3);
  assert.equal(told(/and its connections with it/).length, 2);
});

test('a server that drains says so to processes that start meanwhile, too', {timeout}, async t => {
  const {children, server} = await startKeeper(t, {drainMs: 3_600_000});
  const drained = Promise.withResolvers<void>();
  const delay = t.mock.method(timersPromises, 'setTimeout', () => drained.promise);
  syncBuiltinESMExports();
  const closed = server.close();
  delay.mock.restore();
  syncBuiltinESMExports();
  assert.deepEqual(
    children.map(({told}) => told),
    [[{do: 'drain'}], [{do: 'drain'}]],
  );
  children[0]?.end();
  await until(() => children.length === 3, 'another one starts');
  assert.deepEqual(children[2]?.told, [{do: 'drain'}]);
  drained.resolve();
  await turn();
  for (const child of children.slice(1)) {
    assert.deepEqual(child.told.at(-1), {do: 'stop', graceMs: 5000});
    child.end(0);
  }

  await closed;
});

test('what one process tells of proofs is told to all others', {timeout}, async t => {
  const {children} = await startKeeper(t, {processes: 3});
  children[1]?.tell({tell: 'wrongProof', address: '10.0.0.1'});
  const message = {do: 'countWrongProof', address: '10.0.0.1'};
  assert.deepEqual(
    children.map(({told}) => told),
    [[message], [], [message]],
  );
});

test('of the connections of all processes the one that is idle for longest makes way', {
  timeout,
}, async t => {
  const {children} = await startKeeper(t, {maxConnections: 2, deadlines: {giveWayMs: 0}});
  const [first, second] = children;
  assert.ok(first && second);
  first.tell({tell: 'newcomer', place: 1, address: '10.0.0.1'});
  second.tell({tell: 'newcomer', place: 1, address: '10.0.0.2'});
  second.tell({tell: 'newcomer', place: 2, address: '10.0.0.3'});
  const longest = (idleMs: number) => ({place: 1, idleMs, owesLogin: false});
  first.tell({tell: 'longestIdle', question: 1, longest: longest(50)});
  second.tell({tell: 'longestIdle', question: 1, longest: longest(100)});
  await turn();
  const question = {do: 'longestIdle', question: 1};
  const admit = {do: 'admit', place: 1};
  assert.deepEqual(first.told, [admit, question]);
  assert.deepEqual(second.told, [
    admit,
    question,
    {do: 'makeWay', place: 1},
    {do: 'admit', place: 2},
  ]);
});

test('for a client with all places of its address, one of that address makes way', {
  timeout,
}, async t => {
  const {children} = await startKeeper(t, {
    ...{maxConnections: 9, maxConnectionsPerAddress: 1, deadlines: {giveWayMs: 0}},
  });
  const [first, second] = children;
  assert.ok(first && second);
  first.tell({tell: 'newcomer', place: 1, address: '10.0.0.1'});
  second.tell({tell: 'newcomer', place: 1, address: '10.0.0.2'});
  second.tell({tell: 'newcomer', place: 2, address: '10.0.0.1'});
  const longest = {place: 1, idleMs: 50, owesLogin: false};
  first.tell({tell: 'longestIdle', question: 1, longest});
  await turn();
  const admit = {do: 'admit', place: 1};
  assert.deepEqual(first.told, [
    admit,
    {do: 'longestIdle', question: 1, address: '10.0.0.1'},
    {do: 'makeWay', place: 1},
  ]);
  assert.deepEqual(second.told, [admit, {do: 'admit', place: 2}]);
});

test('all processes read the certificate again when the server does', {timeout}, async t => {
  const door = testDoor(t);
  let reloads = 0;
  const tls = Object.assign(door.tls ?? assert.fail(), {reload: () => reloads++});
  const {children, server} = await startKeeper(t, {door: {...door, tls}});
  server.reload();
  assert.deepEqual(
    children.map(({told}) => told),
    [[{do: 'reload'}], [{do: 'reload'}]],
  );
  assert.equal(reloads, 1);
  assert.match(server.address, /^jangadas:/);
});
