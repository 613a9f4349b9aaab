import assert from 'node:assert/strict';
import process from 'node:process';
import {suite, type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {Client} from '../../../../source/client/client.ts';
import type {PoolOptions} from '../../../../source/client/client-options.ts';
import {
  type BeatState,
  type Clock,
  Heartbeat,
} from '../../../../source/client/connection/heartbeat.ts';
import {RateLimiter} from '../../../../source/client/connection/rate-limiter.ts';
import {Pool} from '../../../../source/client/pool.ts';
import {noise, path, startHarness, until} from '../../../fixtures/harness.ts';
import {TcpProxy} from '../../../fixtures/proxy.ts';
import {Delays, holdUp} from '../../../fixtures/server/effort.ts';
import {startHostileServer} from '../../../fixtures/server/hostile-server.ts';

/** Time for the work of the machine, in addition to the delays that the test measures. */
const slackMs = 500;

/** A pool for a server behind a proxy that can fall silent. */
async function startPool(t: TestContext, options: Partial<PoolOptions>) {
  const {server, serve} = await startHarness(t);
  serve('a', noise(3_000_000));
  const proxy = await TcpProxy.start(server.port, {forwarded() {}, ended() {}});
  const address = {scheme: 'jangada', host: '127.0.0.1', port: proxy.port, path: path('')} as const;
  const pool = new Pool(address, {size: 4, retries: 0, retryFirst: false, ...options});
  t.after(async () => {
    pool.close();
    await proxy[Symbol.asyncDispose]();
  });
  return {pool, proxy};
}

/** Take a connection, and send a request over it. */
async function ask(pool: Pool) {
  const connection = await pool.acquire();
  const failed = Promise.withResolvers<unknown>();
  connection.request('stat', {path: path('a')}, {control: () => true, failed: failed.resolve});
  return {connection, failed: failed.promise};
}

/**
 * The proxy forwards nothing more, and neither side is told.
 *
 * @returns a function that returns the milliseconds since then, without those in which this thread was blocked.
 */
function silence(t: TestContext, proxy: TcpProxy): () => number {
  for (const link of proxy.links) {
    proxy.silence(link);
  }

  const delays = new Delays();
  t.after(() => delays[Symbol.dispose]());
  const startMs = performance.now();
  return () => performance.now() - startMs - delays.totalMs;
}

test('a dead peer is found while an answer is due', async t => {
  const {pool, proxy} = await startPool(t, {silenceTimeoutMs: 600});
  const connection = await pool.acquire();
  const sinceMs = silence(t, proxy);
  pool.release(connection);
  const {failed} = await ask(pool);
  assert.ok(isJangadaError(await failed, 'connection_lost'));
  assert.ok(sinceMs() < 600 + slackMs);
});

test('a dead peer is found when blocks stop arriving, also under a limit', async t => {
  for (const limiter of [undefined, new RateLimiter(1_000_000)]) {
    const {pool, proxy} = await startPool(t, {silenceTimeoutMs: 600, limiter});
    proxy.bytesPerSecond = 1_200_000;
    const connection = await pool.acquire();
    const memory = Buffer.alloc(1_048_576);
    const failed = Promise.withResolvers<unknown>();
    let sinceMs = () => 0;
    connection.request(
      'get',
      {path: path('a')},
      {
        control: kind => kind === frameKinds.end,
        blockMemory: () => memory,
        block() {
          sinceMs = silence(t, proxy);
        },
        failed: failed.resolve,
      },
    );
    assert.ok(isJangadaError(await failed.promise, 'connection_lost'));
    // Under a limit, the client still reads the bytes that the system has received by then.
    const takesMs = limiter === undefined ? 0 : 500;
    assert.ok(sinceMs() < 600 + takesMs + slackMs);
  }
});

test('a dead peer is found while no request is open, and no caller gets its connection', async t => {
  const {pool, proxy} = await startPool(t, {silenceTimeoutMs: 600});
  const dead = await pool.acquire();
  pool.release(dead);
  const sinceMs = silence(t, proxy);
  await until(() => dead.closed);
  assert.ok(sinceMs() < 600 + slackMs);
  assert.equal(pool.link.name, 'idle');
  const next = await pool.acquire();
  assert.notEqual(next, dead);
  assert.equal(next.closed, false);
});

test('an idle connection is pinged, and a caller that takes it meanwhile gets its answer', async t => {
  const asked: number[] = [];
  let held: Array<() => void> = [];
  const sockets = new Set<unknown>();
  const address = await startHostileServer(t, (socket, {kind}) => {
    sockets.add(socket);
    asked.push(kind);
    if (kind === frameKinds.ping) {
      held.push(() => socket.write(encodeAnswer('pong', {})));
    } else {
      const entry = {name: 'a', type: 'file', size: 3, mtimeMs: 0, version: 'v'} as const;
      held.push(() => socket.write(encodeAnswer('entry', entry)));
    }
  });
  const answer = () => {
    const answers = held;
    held = [];
    for (const write of answers) {
      write();
    }
  };
  await using client = new Client(address, {silenceTimeoutMs: 1500});
  await client.hello();
  await until(() => asked.length === 1);
  const entry = client.stat(path('a'));
  await until(() => asked.length === 2);
  answer();
  assert.equal((await entry).size, 3);
  // Again while a ping is under way: the connection is still free.
  await until(() => asked.length === 3);
  await client.hello();
  answer();
  await until(() => asked.length === 4);
  assert.deepEqual(asked, [frameKinds.ping, frameKinds.stat, frameKinds.ping, frameKinds.ping]);
  assert.equal(sockets.size, 1);
});

test('a heartbeat keeps no process alive', async t => {
  const {client} = await startHarness(t);
  const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
  const before = timers();
  await client.ping();
  assert.equal(timers(), before);
});

test('connections that are unused for long are closed, except one if the client keeps connected', async t => {
  for (const keepConnected of [false, true]) {
    const options = {keepConnected, silenceTimeoutMs: 1500, unusedTimeoutMs: 700};
    const {pool} = await startPool(t, options);
    const held = await pool.acquire();
    const connections = await Promise.all([1, 2, 3].map(() => pool.acquire()));
    for (const connection of connections) {
      pool.release(connection);
    }

    await until(() => connections.every(connection => connection.closed));
    assert.equal(held.closed, false);
    pool.release(held);
    if (keepConnected) {
      const idle: number[] = [];
      held.onIdle(idleMs => idle.push(idleMs));
      await until(() => (idle.at(-1) ?? 0) > 1400);
      assert.equal(held.closed, false);
    } else {
      await until(() => held.closed);
    }
  }
});

test('a live peer is kept when this process was blocked for long', async t => {
  const {pool} = await startPool(t, {silenceTimeoutMs: 1500, keepConnected: true});
  const connection = await pool.acquire();
  pool.release(connection);
  let beats = 0;
  connection.onIdle(() => beats++);
  holdUp(2500);
  await until(() => beats >= 3 || connection.closed);
  assert.equal(connection.closed, false);
});

/** A heartbeat in `state`. The test advances its clocks. */
function startHeartbeat(t: TestContext, state: BeatState = 'busy') {
  const now = {ms: 0, state, onPing: () => {}};
  const pingedAt: number[] = [];
  let isGone = false;
  let looks = 0;
  t.mock.timers.enable({apis: ['setTimeout']});
  const nowMs = () => {
    looks++;
    return now.ms;
  };
  const clock = {nowMs, wallMs: () => now.ms};
  const heartbeat = new Heartbeat({
    ...{silenceTimeoutMs: 3000, clock, state: () => now.state},
    ping() {
      pingedAt.push(now.ms);
      now.state = 'pinged';
      now.onPing();
    },
    gone() {
      isGone = true;
    },
  });
  t.after(() => {
    heartbeat.stop();
    t.mock.timers.reset();
  });
  return {
    ...{heartbeat, now, pingedAt, looks: () => looks},
    goOn(untilMs: number) {
      for (; now.ms < untilMs; now.ms += 100, t.mock.timers.tick(100)) {}
    },
    async isGone() {
      // The heartbeat first lets received bytes be read.
      await turn();
      await turn();
      return isGone;
    },
  };
}

test('a peer is kept if its bytes are read right after its time is over', async t => {
  const {heartbeat, goOn, isGone} = startHeartbeat(t);
  goOn(3000);
  heartbeat.heard();
  assert.equal(await isGone(), false);
  // Then the heartbeat watches it as before.
  goOn(6000);
  assert.equal(await isGone(), true);
});

test('a peer is kept if this side stops to listen right as its time is over', async t => {
  const {goOn, isGone, now} = startHeartbeat(t);
  goOn(3000);
  now.state = 'waiting';
  assert.equal(await isGone(), false);
});

for (const what of ['asked', 'listening'] as const) {
  test(`a peer keeps all of its time after it was heard (${what})`, async t => {
    const {heartbeat, goOn, isGone} = startHeartbeat(t);
    goOn(1000);
    heartbeat.heard();
    heartbeat[what]();
    goOn(3900);
    assert.equal(await isGone(), false);
    goOn(4100);
    assert.equal(await isGone(), true);
  });
}

test('an idle peer is pinged a third of the time after it was last heard, once until it answers', async t => {
  const {goOn, heartbeat, isGone, now, pingedAt} = startHeartbeat(t, 'idle');
  goOn(1200);
  heartbeat.heard();
  now.state = 'idle';
  goOn(1700);
  heartbeat.heard();
  goOn(5600);
  assert.deepEqual(pingedAt, [1000, 2700]);
  assert.equal(await isGone(), true);
});

test('a peer that answers no ping is gone after all of the time, and no sooner', async t => {
  const {goOn, isGone, pingedAt} = startHeartbeat(t, 'idle');
  goOn(2900);
  assert.equal(await isGone(), false);
  goOn(3000);
  assert.equal(await isGone(), true);
  assert.deepEqual(pingedAt, [1000]);
});

test('a peer to which this side does not listen is kept, and has a fifth of the time from when it does', async t => {
  const {goOn, heartbeat, isGone, now} = startHeartbeat(t, 'waiting');
  goOn(10_000);
  assert.equal(await isGone(), false);
  now.state = 'busy';
  heartbeat.listening();
  goOn(10_500);
  assert.equal(await isGone(), false);
  goOn(11_000);
  assert.equal(await isGone(), true);
});

test('a peer to which this side does not listen is looked at each fifteenth of the time, not all the time', async t => {
  const {looks, now} = startHeartbeat(t, 'waiting');
  for (; now.ms < 10_000; t.mock.timers.tick(10)) {
    now.ms += 10;
    await turn();
  }

  assert.ok(looks() >= 50 && looks() < 70, `${looks()} looks`);
});

test('a heartbeat that is stopped while it pings does nothing more', async t => {
  const {goOn, heartbeat, isGone, now, pingedAt} = startHeartbeat(t, 'idle');
  now.onPing = () => {
    heartbeat.stop();
    now.state = 'idle';
  };
  goOn(10_000);
  assert.deepEqual([pingedAt, await isGone()], [[1000], false]);
});

test('a peer that was pinged before a request has the rest of its time, and two thirds at least', async t => {
  const {goOn, heartbeat, isGone, now} = startHeartbeat(t, 'idle');
  goOn(2500);
  now.state = 'busy';
  heartbeat.asked();
  goOn(4400);
  assert.equal(await isGone(), false);
  goOn(4600);
  assert.equal(await isGone(), true);
});

/** Clocks that the test can advance. */
function jumpyClock() {
  const jumps = {nowMs: 0, wallMs: 0};
  const clock: Clock = {
    nowMs: () => performance.now() + jumps.nowMs,
    wallMs: () => Date.now() + jumps.wallMs,
  };
  return {clock, jumps};
}

suite('after the machine has slept', {concurrency: true}, () => {
  const silenceTimeoutMs = 5000;
  // Without the sleep, it would take at least this long.
  const soonMs = (silenceTimeoutMs * 2) / 3;
  const anHour = 3_600_000;

  test('a dead peer is found soon while an answer is due', async t => {
    const {clock, jumps} = jumpyClock();
    const {pool, proxy} = await startPool(t, {silenceTimeoutMs, clock});
    const first = await pool.acquire();
    const sinceMs = silence(t, proxy);
    pool.release(first);
    const {failed} = await ask(pool);
    jumps.wallMs = anHour;
    assert.ok(isJangadaError(await failed, 'connection_lost'));
    assert.ok(sinceMs() < soonMs);
  });

  test('a dead peer is found soon while no request is open', async t => {
    const {clock, jumps} = jumpyClock();
    const {pool, proxy} = await startPool(t, {silenceTimeoutMs, clock});
    const connection = await pool.acquire();
    pool.release(connection);
    const sinceMs = silence(t, proxy);
    jumps.wallMs = anHour;
    await until(() => connection.closed);
    assert.ok(sinceMs() < soonMs);
  });

  test('a dead peer is found at once by the first request', async t => {
    const {clock, jumps} = jumpyClock();
    const {pool, proxy} = await startPool(t, {silenceTimeoutMs, clock});
    pool.release(await pool.acquire());
    const sinceMs = silence(t, proxy);
    jumps.wallMs = anHour;
    const {failed} = await ask(pool);
    assert.ok(isJangadaError(await failed, 'connection_lost'));
    assert.ok(sinceMs() < silenceTimeoutMs / 5 + slackMs);
  });

  for (const what of ['wallMs', 'nowMs'] as const) {
    test(`a live peer is kept (${what})`, async t => {
      const {clock, jumps} = jumpyClock();
      const {pool} = await startPool(t, {silenceTimeoutMs: 1500, clock, keepConnected: true});
      const connection = await pool.acquire();
      pool.release(connection);
      let beats = 0;
      connection.onIdle(() => beats++);
      jumps[what] = anHour;
      await until(() => beats >= 3);
      assert.equal(connection.closed, false);
    });
  }
});
