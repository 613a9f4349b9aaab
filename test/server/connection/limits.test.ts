import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {once} from 'node:events';
import {readdirSync, readFileSync} from 'node:fs';
import {connect} from 'node:net';
import process from 'node:process';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import type {Deadlines} from '../../../server/waiting/deadlines.ts';
import {holdUp} from '../../fixtures/server/effort.ts';
import {
  openUnder,
  patternedBytes,
  ServedFolder,
  until,
} from '../../fixtures/server/server-folder.ts';
import {kinds, RawPeer, rawFrame} from '../../fixtures/server/server-raw-peer.ts';

/** Send one byte every 20 ms until the other side closes. @returns how many bytes were sent. */
async function drip(peer: RawPeer, bytes: Buffer | string): Promise<number> {
  let sent = 0;
  for (const byte of Buffer.from(bytes)) {
    if (peer.closed) {
      return sent;
    }

    sent++;

    peer.send(Buffer.of(byte));
    await new Promise(resolve => setTimeout(resolve, 20));
  }

  return sent;
}

test('row 30: one byte at a time meets the deadline of the preface, and of a frame', async () => {
  const start = (deadlines: Partial<Deadlines>) =>
    ServedFolder.start({}, {deadlines: {...deadlines, lingerMs: 100}});
  await using forPrefaces = await start({prefaceMs: 150});
  await using forFrames = await start({frameMs: 150});
  const slowPreface = await forPrefaces.silentPeer();
  const slowFrame = await forFrames.peer();
  const sent = await Promise.all([
    drip(slowPreface, 'jangada/1\r\n'.padEnd(200)),
    drip(slowFrame, rawFrame(kinds.stat, `{"path":"${'x'.repeat(200)}"}`)),
  ]);
  for (const peer of [slowPreface, slowFrame]) {
    assert.equal(await peer.errorCode(), 'timed_out');
    await peer.end();
  }

  // The connection was closed long before all bytes were sent, which would take about 4 s.
  assert.ok(
    sent.every(count => count < 150),
    `${sent} bytes`,
  );
});

test('after a complete frame the deadline begins again for the next one', async t => {
  await using folder = await ServedFolder.start({}, {deadlines: {frameMs: 300}});
  using timers = t.mock.timers;
  timers.enable({apis: ['setTimeout']});
  const peer = await folder.peer();
  const two = Buffer.concat([rawFrame(kinds.ping), rawFrame(kinds.ping)]);
  // The connection is always in the middle of a frame, but never for long.
  peer.send(two.subarray(0, 15));
  for (let round = 0; round < 8; round++) {
    assert.equal((await peer.frame())?.kind, kinds.pong);
    timers.tick(250);
    peer.send(Buffer.concat([two.subarray(5, 10), two.subarray(0, 5)]));
  }

  assert.equal((await peer.frame())?.kind, kinds.pong);
  timers.tick(300);
  assert.equal(await peer.errorCode(), 'timed_out');
});

const greeting = Buffer.from('jangada/1\r\n');

test('a preface or a frame that has arrived but was not read yet is in time', async t => {
  const deadlines = {prefaceMs: 200, frameMs: 200};
  await using folder = await ServedFolder.start({}, {deadlines});
  using timers = t.mock.timers;
  timers.enable({apis: ['setTimeout']});
  const late = await folder.silentPeer();
  const slow = await folder.silentPeer();
  const ping = rawFrame(kinds.ping);
  // This peer is greeted, then in the middle of a frame. Connections accepted before this one have been accepted by then.
  slow.send(Buffer.concat([greeting, ping, ping.subarray(0, 5)]));
  assert.equal((await slow.frame())?.kind, kinds.hello);
  assert.equal((await slow.frame())?.kind, kinds.pong);
  // This is the moment of timers: after the reads of this turn of the event loop, and before those of the next.
  await turn();
  late.send(Buffer.concat([greeting, ping]));
  slow.send(ping.subarray(5));
  timers.tick(200);
  assert.equal((await late.frame())?.kind, kinds.hello);
  for (const peer of [late, slow]) {
    assert.equal((await peer.frame())?.kind, kinds.pong);
  }
});

test('a client that connects and says nothing is closed after 10 s', async t => {
  await using folder = await ServedFolder.start();
  const {timers} = t.mock;
  timers.enable({apis: ['setTimeout']});
  const silent = await folder.silentPeer();
  // Connections accepted before this one have been accepted by then.
  const other = await folder.peer();
  timers.tick(9999);
  assert.equal((await other.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  assert.equal(silent.received, 0);
  timers.tick(1);
  assert.equal(await silent.errorCode(), 'timed_out');
});

test('a client that does not close its side after the server has is closed after 2 s', async t => {
  await using folder = await ServedFolder.start();
  const other = await folder.peer();
  const {timers} = t.mock;
  timers.enable({apis: ['setTimeout']});
  const stays = connect({...folder.server, allowHalfOpen: true});
  stays.on('error', () => {});
  t.after(() => stays.destroy());
  stays.write('this is no preface');
  let received = '';
  stays.on('data', text => {
    received += text;
  });
  // The server has sent the error and ended its side.
  await once(stays, 'end');
  assert.match(received, /bad_request/);
  assert.equal((await other.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  timers.tick(1999);
  assert.equal((await other.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  assert.equal(folder.ended, 0);
  timers.tick(1);
  while (folder.ended === 0) {
    await turn();
  }
});

test('the last error of the server arrives although the client continues to send', async () => {
  await using folder = await ServedFolder.start();
  const peer = await folder.peer();
  peer.send(Buffer.alloc(8, 0xff));
  for (let round = 0; round < 64; round++) {
    peer.send(Buffer.alloc(65_536, 0xff));
  }

  assert.equal(await peer.errorCode(), 'bad_request');
});

test('a connection with a request that waits for a busy server is not idle', async () => {
  await using folder = await ServedFolder.start({}, {deadlines: {idleMs: 4000}});
  const peer = await folder.silentPeer();
  const ping = rawFrame(kinds.ping);
  peer.send(Buffer.concat([greeting, ping]));
  assert.equal((await peer.frame())?.kind, kinds.hello);
  assert.equal((await peer.frame())?.kind, kinds.pong);
  peer.send(ping);
  holdUp(4500);
  assert.equal((await peer.frame())?.kind, kinds.pong);
  // Its time without a request begins anew.
  assert.equal((await peer.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
});

test('row 32: a client that continues to send, but reads no answers, is closed', async () => {
  const deadlines = {stallMs: 100};
  await using folder = await ServedFolder.start({old: patternedBytes(32 * 1_048_576)}, {deadlines});
  const peer = await folder.peer();
  peer.request(kinds.get, {path: 'old'});
  await peer.pauseAfter(1_048_576);
  const startedAt = performance.now();
  while (folder.ended === 0 && performance.now() - startedAt < 60_000) {
    peer.send(rawFrame(kinds.ping));
    await new Promise(resolve => setTimeout(resolve, 30));
  }

  assert.equal(folder.ended, 1);
});

test('rows 31, 34: a silent client is closed, before the preface and after it', async () => {
  await using impatient = await ServedFolder.start({}, {deadlines: {prefaceMs: 100}});
  await using folder = await ServedFolder.start({}, {deadlines: {idleMs: 200}});
  const silent = await impatient.silentPeer();
  const idle = await folder.silentPeer();
  // All in one write, so that nothing arrives in between.
  idle.send(Buffer.concat([greeting, rawFrame(kinds.ping)]));
  assert.equal((await idle.frame())?.kind, kinds.hello);
  assert.equal((await idle.frame())?.kind, kinds.pong);
  for (const peer of [silent, idle]) {
    assert.equal(await peer.errorCode(), 'timed_out');
    await peer.end();
  }
});

test('row 34: a silent client is closed even if the watch looks more than once before the deadline', async () => {
  const deadlines = {stallMs: 100, idleMs: 350};
  await using folder = await ServedFolder.start({}, {deadlines});
  const peer = await folder.silentPeer();
  peer.send(Buffer.concat([greeting, rawFrame(kinds.ping)]));
  assert.equal((await peer.frame())?.kind, kinds.hello);
  assert.equal((await peer.frame())?.kind, kinds.pong);
  await until(() => folder.ended === 1, 'the connection ends');
});

test('row 34: a client that only pings is not idle', async () => {
  await using folder = await ServedFolder.start({}, {deadlines: {idleMs: 5000}});
  const peer = await folder.peer();
  const startedAt = performance.now();
  while (performance.now() - startedAt < 7000) {
    assert.equal((await peer.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
    await new Promise(resolve => setTimeout(resolve, 100));
  }

  assert.equal(folder.ended, 0);
});

test('row 34: the system probes whether a silent client is still connected', {
  skip: process.platform === 'linux' ? false : 'timers of sockets are read in /proc',
}, async () => {
  await using folder = await ServedFolder.start({});
  const peer = await folder.peer();
  assert.equal((await peer.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  const portOf = (address: string | undefined) => Number.parseInt(address?.split(':')[1] ?? '', 16);
  const timerOfServer = () => {
    const fields = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .map(line => line.trim().split(/\s+/))
      .find(
        ([, local, remote]) =>
          portOf(local) === folder.server.port && portOf(remote) === peer.socket.localPort,
      );
    return fields?.[5]?.split(':');
  };
  // Timer 02 is that of keepalive probes. Its time is in hundredths of a second.
  await until(() => timerOfServer()?.[0] === '02', 'the timer of probes runs');
  const [, time = ''] = timerOfServer() ?? [];
  assert.ok(Number.parseInt(time, 16) <= 1500);
});

test('row 33: connections over a limit get busy, and places are free again when others leave', async () => {
  const options = {maxConnections: 3, maxConnectionsPerAddress: 2, deadlines: {lingerMs: 100}};
  await using folder = await ServedFolder.start({old: patternedBytes(32 * 1_048_576)}, options);
  const first = await folder.peer();
  const second = await folder.peer();
  for (const working of [first, second]) {
    working.request(kinds.get, {path: 'old'});
    await working.pauseAfter(1);
  }

  const third = await folder.knockingPeer();
  assert.equal(await third.errorCode(), 'busy');
  await third.end();
  first.socket.destroy();
  await until(() => folder.ended === 1, 'the first has left');
  const again = await folder.peer();
  assert.equal((await again.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
});

test('row 33: a flood of connections leaves no descriptor open', {
  skip: process.platform === 'linux' ? false : 'descriptors are counted in /proc',
}, async () => {
  const options = {maxConnections: 8, deadlines: {lingerMs: 100}};
  await using folder = await ServedFolder.start({a: 'x'}, options);
  const before = readdirSync('/proc/self/fd').length;
  const flood = await Promise.all(Array.from({length: 400}, () => RawPeer.silent(folder.server)));
  // Two silent connections may wait for each place of an address.
  await until(
    () => flood.filter(({closed}) => closed).length === 400 - 64,
    'the others are refused',
  );
  for (const peer of flood) {
    peer.socket.destroy();
  }

  await until(() => readdirSync('/proc/self/fd').length <= before, 'descriptors are closed');
  const peer = await folder.peer();
  assert.equal((await peer.ask(kinds.stat, {path: 'a'})).at(-1)?.kind, kinds.entry);
});

test('row 33: the oldest silent connection makes room for a client', async () => {
  const options = {maxConnectionsPerAddress: 1, deadlines: {giveWayMs: 0}};
  await using folder = await ServedFolder.start({}, options);
  const silent: RawPeer[] = [];
  // As many connections as one client may open at once.
  for (let count = 0; count < 18; count++) {
    silent.push(await folder.silentPeer());
  }

  const [first, ...others] = silent;
  const client = await folder.peer();
  await first?.end();
  assert.equal((await client.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  assert.ok(others.every(({closed}) => !closed));
});

test('if many connections arrive at once at a server with no place, each of them gets busy', async () => {
  const files = {old: patternedBytes(32 * 1_048_576)};
  await using folder = await ServedFolder.start(files, {maxConnectionsPerAddress: 1});
  const working = await folder.peer();
  working.request(kinds.get, {path: 'old'});
  await working.pauseAfter(1);
  const others = await Promise.all(Array.from({length: 17}, () => folder.silentPeer()));
  const told = others.map(peer => peer.errorCode());
  // When the server answers the last connection, it has accepted all of them.
  const check = await folder.silentPeer();
  const answered = once(check.socket, 'data');
  check.send('jangada/?\r\n');
  await answered;
  for (const peer of others) {
    peer.send('jangada/1\r\n');
  }

  assert.deepEqual(new Set(await Promise.all(told)), new Set(['busy']));
});

test('row 35: a flood of requests is answered in order, and the server stops reading if it is too much', async () => {
  await using folder = await ServedFolder.start({old: patternedBytes(300_000)});
  const peer = await folder.peer();
  const pings = 20_000;
  peer.send(Buffer.concat(Array.from({length: pings}, () => rawFrame(kinds.ping))));
  for (let index = 0; index < pings; index++) {
    assert.equal((await peer.frame())?.kind, kinds.pong);
  }

  // A client that reads no answers: the server stops reading, and its memory does not grow.
  const flood = await folder.peer();
  flood.socket.pause();
  const request = rawFrame(kinds.get, '{"path":"old"}');
  const many = Buffer.concat(Array.from({length: 20_000}, () => request));
  for (let round = 0; round < 20; round++) {
    flood.send(many);
  }

  const other = await folder.peer();
  for (let round = 0; round < 50; round++) {
    assert.equal((await other.ask(kinds.get, {path: 'old'})).at(-1)?.kind, kinds.end);
  }

  assert.ok(flood.socket.writableLength > 2_000_000, 'most requests are still with the client');
});

test('when a client leaves, its work stops, and nothing stays open', {
  skip: process.platform === 'linux' ? false : 'descriptors are counted in /proc',
}, async () => {
  await using folder = await ServedFolder.start({old: patternedBytes(64 * 1_048_576)});
  for (const [kind, rest] of [
    [kinds.get, {}],
    [kinds.digests, {}],
    [kinds.hash, {}],
  ] as const) {
    const peer = await folder.peer();
    for (let round = 0; round < 5; round++) {
      peer.request(kind, {path: 'old', ...rest});
    }

    if (kind === kinds.get) {
      await peer.frame();
    }

    peer.socket.destroy();
  }

  await until(() => folder.ended === 3, 'they are gone');
  await until(() => openUnder(folder.path) === 0, 'their files are closed');
  const ended = folder.logs.filter(line => line.includes('connection ended'));
  assert.equal(ended.length, 3);
  assert.ok(folder.logs.every(line => (JSON.parse(line) as {level: number}).level < 50));
});
