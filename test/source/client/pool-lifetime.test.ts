import assert from 'node:assert/strict';
import {syncBuiltinESMExports} from 'node:module';
import net, {Socket} from 'node:net';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {frameKinds} from '../../../protocol/frame.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {Link} from '../../../source/client/link.ts';
import {Pool} from '../../../source/client/pool.ts';
import {until} from '../../fixtures/harness.ts';
import {startHostileServer} from '../../fixtures/server/hostile-server.ts';

const timeout = 30_000;
const options = {size: 2, retries: 0, retryFirst: false};

test('a connection that nobody uses is pinged, and closed after a minute', {timeout}, async t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  let nowMs = 0;
  let pings = 0;
  const address = await startHostileServer(t, (socket, {kind}) => {
    pings += kind === frameKinds.ping ? 1 : 0;
    socket.write(encodeAnswer('pong', {}));
  });
  const clock = {nowMs: () => nowMs, wallMs: () => nowMs};
  const pool = new Pool(address, {...options, clock});
  t.after(() => pool.close());
  const connection = await pool.acquire();
  pool.release(connection);
  const goOn = async (untilMs: number) => {
    while (nowMs < untilMs) {
      nowMs += 500;
      t.mock.timers.tick(500);
      // The answers to pings are on their way.
      const sinceMs = performance.now();
      while (performance.now() < sinceMs + 5) {
        await turn();
      }
    }
  };
  await goOn(59_000);
  assert.equal(connection.closed, false);
  assert.ok(pings >= 10, `${pings} pings`);
  await goOn(70_000);
  assert.equal(connection.closed, true);
});

test('a pool that is closed closes all connections, and no caller gets another one', {
  timeout,
}, async t => {
  const address = await startHostileServer(t, () => undefined);
  const pool = new Pool(address, options);
  const [held, idle] = [await pool.acquire(), await pool.acquire()];
  // One caller waits in line, and an idle connection lies ready.
  const waiting = assert.rejects(pool.acquire(), {code: 'aborted'});
  pool.close();
  await waiting;
  assert.deepEqual([held.closed, idle.closed], [true, true]);
  await assert.rejects(pool.acquire(), {code: 'aborted'});
  assert.equal(pool.hello, undefined);
});

test('a connection that lived for ten seconds is stable, and one that did not is not', {
  timeout,
}, async t => {
  const address = await startHostileServer(t, () => undefined);
  const pool = new Pool(address, options);
  t.after(() => pool.close());
  const stable = t.mock.method(Link.prototype, 'stable');
  let nowMs = 1000;
  t.mock.method(performance, 'now', () => nowMs);
  for (const [livedMs, times] of [
    [9999, 0],
    [10_000, 1],
  ] as const) {
    const connection = await pool.acquire();
    nowMs += livedMs;
    connection.close();
    assert.equal(stable.mock.callCount(), times);
  }
});

test('a call that found no descriptor for its connection is tried again', {timeout}, async t => {
  const address = await startHostileServer(t, () => undefined);
  const {connect} = net;
  let attempts = 0;
  t.mock.method(net, 'connect', (...given: Parameters<typeof connect>) => {
    attempts++;
    if (attempts > 1) {
      return connect(...given);
    }

    const socket = new Socket();
    const error = Object.assign(new Error('no descriptor'), {code: 'EMFILE'});
    process.nextTick(() => socket.destroy(error));
    return socket;
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const pool = new Pool(address, {size: 1, retries: 1, retryFirst: true});
  t.after(() => pool.close());
  assert.equal((await pool.acquire()).closed, false);
  assert.equal(attempts, 2);
});

test('the greeting of the fastest connection is the way to the server, and the newest one tells of it', {
  timeout,
}, async t => {
  const address = await startHostileServer(t, () => undefined);
  const pool = new Pool(address, options);
  t.after(() => pool.close());
  assert.deepEqual([pool.greetedAfterMs, pool.hello], [Number.POSITIVE_INFINITY, undefined]);
  const [one, two] = await Promise.all([pool.acquire(), pool.acquire()]);
  assert.equal(pool.greetedAfterMs, Math.min(one.greetedAfterMs, two.greetedAfterMs));
  assert.equal(pool.hello?.server, 'hostile');
  one.close();
  two.close();
  await until(() => pool.hello === undefined);
});
