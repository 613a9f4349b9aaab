import assert from 'node:assert/strict';
import {test} from 'node:test';
import {isJangadaError} from '../../../protocol/errors.ts';
import {encodeFrame, frameKinds} from '../../../protocol/frame.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {rootPath} from '../../../protocol/remote-path.ts';
import {Client} from '../../../source/client/client.ts';
import {Connection} from '../../../source/client/connection/connection.ts';
import {streamEntries} from '../../../source/client/early/stream-entries.ts';
import {Pool} from '../../../source/client/pool.ts';
import {path, startHarness, until} from '../../fixtures/harness.ts';
import {startHostileServer} from '../../fixtures/server/hostile-server.ts';

/** So that a hanging test fails. */
const timeout = 90_000;
const oneAtOnce = {size: 1, retries: 0, retryFirst: false};

test('leaving a listing after all of it has arrived leaves a working connection', {
  timeout,
}, async t => {
  const address = await startHostileServer(t, socket => {
    const entries = [{name: 'a', type: 'file' as const, size: 0, mtimeMs: 0}];
    // As many batches as the client keeps for a slow reader.
    const batches = Array.from({length: 8}, () => encodeAnswer('entries', {entries}));
    socket.write(Buffer.concat([...batches, encodeAnswer('end', {count: 8})]));
  });
  const pool = new Pool(address, oneAtOnce);
  t.after(() => pool.close());
  const connection = await pool.acquire();
  pool.release(connection);
  for await (const batch of streamEntries(pool, {name: 'list', body: {path: rootPath}})) {
    assert.equal(batch.length, 1);
    await until(() => connection.pending === 0);
    break;
  }

  assert.equal(connection.closed, false);
  const batches = await Array.fromAsync(
    streamEntries(pool, {name: 'list', body: {path: rootPath}}),
  );
  assert.equal(batches.length, 8);
});

for (const [what, takeFrame] of [
  ['an answer that has not begun', false],
  ['an answer that is half there', true],
] as const) {
  test(`a connection that is returned with ${what} is closed, and not lent again`, {
    timeout,
  }, async t => {
    let asked = 0;
    const address = await startHostileServer(t, socket => {
      asked++;
      if (takeFrame) {
        socket.write(encodeAnswer('progress', {done: 0}));
      }
    });
    const pool = new Pool(address, oneAtOnce);
    t.after(() => pool.close());
    const connection = await pool.acquire();
    let frames = 0;
    const failed = Promise.withResolvers<unknown>();
    const control = () => {
      frames++;
      return false;
    };
    connection.request('hash', {path: path('a')}, {control, failed: failed.resolve});
    await until(() => asked === 1 && frames === (takeFrame ? 1 : 0));
    assert.equal(connection.pending, 1);
    pool.release(connection);
    assert.equal(connection.closed, true);
    assert.ok(isJangadaError(await failed.promise, 'aborted'));
    const next = await pool.acquire();
    assert.notEqual(next, connection);
    assert.equal(next.pending, 0);
  });
}

const calls: ReadonlyArray<[string, (client: Client, signal: AbortSignal) => Promise<unknown>]> = [
  ['a hash', (client, signal) => client.hash(path('a'), {signal})],
  ['a listing', (client, signal) => Array.fromAsync(client.list(rootPath, {signal}))],
  ['a search', (client, signal) => Array.fromAsync(client.find(['**'], {signal}))],
  [
    'a search for folders',
    (client, signal) => Array.fromAsync(client.find(['**'], {signal, folders: true})),
  ],
];

for (const [what, call] of calls) {
  test(`${what} that is stopped in the turn of its call ends`, async t => {
    const {client, serve} = await startHarness(t);
    serve('a', 'abc');
    // So that an open connection is free.
    await client.ping();
    const abort = new AbortController();
    const answer = call(client, abort.signal);
    abort.abort();
    await assert.rejects(answer, error => isJangadaError(error, 'aborted'));
  });
}

test('more digests than requested cost the connection, not memory', async t => {
  let wasClosed = false;
  const address = await startHostileServer(t, socket => {
    socket.on('close', () => {
      wasClosed = true;
    });
    // Of 32 bytes each, far more than requested.
    const frame = encodeFrame(frameKinds.digests, Buffer.alloc(131_072));
    for (let index = 0; index < 64; index++) {
      socket.write(frame);
    }

    socket.write(encodeAnswer('end', {size: 1, version: 'v1'}));
  });
  await using client = new Client(address);
  await assert.rejects(client.digests(path('a'), {from: 0, to: 1}), error =>
    isJangadaError(error, 'protocol'),
  );
  await until(() => wasClosed);
});

for (const [what, isLost] of [
  ['a connection', false],
  ['a place for one', true],
] as const) {
  test(`${what} that becomes free as its waiter gives up goes to the next waiter`, {
    timeout,
  }, async t => {
    const {client} = await startHarness(t);
    const pool = new Pool(client.address, oneAtOnce);
    t.after(() => pool.close());
    const held = await pool.acquire();
    const abort = new AbortController();
    const first = pool.acquire(abort.signal);
    const second = pool.acquire();
    if (isLost) {
      held.close();
    }

    // In one turn, as when several transfers are paused together.
    pool.release(held);
    abort.abort();
    await assert.rejects(first, error => isJangadaError(error, 'aborted'));
    assert.equal((await second).closed, false);
  });
}

test('a caller that has given up takes no connection that becomes free later', {
  timeout,
}, async t => {
  const {client} = await startHarness(t);
  const pool = new Pool(client.address, oneAtOnce);
  t.after(() => pool.close());
  const held = await pool.acquire();
  const abort = new AbortController();
  const first = pool.acquire(abort.signal);
  const second = pool.acquire();
  abort.abort();
  await assert.rejects(first, error => isJangadaError(error, 'aborted'));
  pool.release(held);
  assert.equal(await second, held);
});

test('all callers that wait for the only place learn that nothing listens there', {
  timeout,
}, async t => {
  const {client, server} = await startHarness(t);
  await server.close({graceMs: 0});
  const pool = new Pool(client.address, oneAtOnce);
  t.after(() => pool.close());
  await Promise.all(
    [1, 2, 3].map(() =>
      assert.rejects(pool.acquire(), error => isJangadaError(error, 'unreachable')),
    ),
  );
});

test('stopping the caller that opened a connection does not affect the caller that uses it now', {
  timeout,
}, async t => {
  const {client} = await startHarness(t);
  const pool = new Pool(client.address, oneAtOnce);
  t.after(() => pool.close());
  const abort = new AbortController();
  const first = pool.loan(await pool.acquire(abort.signal), abort.signal);
  first.end();
  const next = pool.loan(await pool.acquire(), undefined);
  assert.equal(next.connection, first.connection);
  abort.abort();
  assert.equal(next.connection.closed, false);
});

test('a good-bye to an idle connection that crosses a request does not fail the request', async t => {
  let requests = 0;
  const address = await startHostileServer(t, socket => {
    requests++;
    if (requests === 2) {
      const error = {code: 'timed_out', message: 'Nothing was asked for'} as const;
      socket.end(encodeAnswer('error', error));
    } else {
      socket.write(encodeAnswer('pong', {}));
    }
  });
  await using client = new Client(address);
  await client.ping();
  assert.ok((await client.ping()) >= 0);
});

const goodBye = {code: 'timed_out', message: 'Too many are here'} as const;

for (const [what, bytes, code] of [
  ['garbage', Buffer.alloc(64, 0xff), 'protocol'],
  ['an answer to nothing', encodeAnswer('pong', {}), 'protocol'],
  ['a good-bye', encodeAnswer('error', goodBye), 'timed_out'],
] as const) {
  test(`${what} right after the greeting is a failed connection, every time`, {
    timeout,
  }, async t => {
    const address = await startHostileServer(
      t,
      () => undefined,
      [],
      socket => socket.write(bytes),
    );
    const pool = new Pool(address, oneAtOnce);
    t.after(() => pool.close());
    // Each attempt uses the only place, so the attempt before must have released it.
    for (let times = 3; times > 0; times--) {
      await assert.rejects(pool.acquire(), error => isJangadaError(error, code));
    }

    assert.equal(pool.link.name, 'idle');
  });
}

test('a server that says good-bye right after its greeting is tried again', {
  timeout,
}, async t => {
  let connections = 0;
  const address = await startHostileServer(
    t,
    () => undefined,
    [],
    socket => {
      connections++;
      if (connections === 1) {
        socket.write(encodeAnswer('error', goodBye));
      }
    },
  );
  const pool = new Pool(address, {size: 1, retries: 1, retryFirst: true});
  t.after(() => pool.close());
  assert.equal((await pool.acquire()).closed, false);
  assert.equal(connections, 2);
});

test('a link with a working connection is not waiting if no further connection can be opened', {
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
        socket.write(encodeAnswer('error', goodBye));
      }
    },
  );
  const pool = new Pool(address, {size: 2, retries: 1, retryFirst: false});
  t.after(() => pool.close());
  const states: string[] = [];
  pool.onLink(link => states.push(link.name));
  const held = await pool.acquire();
  await assert.rejects(pool.acquire(), error => isJangadaError(error, 'timed_out'));
  assert.equal(connections, 3);
  assert.equal(held.closed, false);
  assert.deepEqual(states, ['connected']);
});

test('a connection that is already closed reports this to a new listener', {timeout}, async t => {
  const {client} = await startHarness(t);
  const connection = await Connection.open(client.address);
  connection.close();
  const reason = await new Promise(resolve => connection.onClose(resolve));
  assert.ok(isJangadaError(reason, 'aborted'));
});

test('a connection that closes in the turn of its handover is not lent', {
  timeout,
}, async t => {
  const {client} = await startHarness(t);
  const pool = new Pool(client.address, oneAtOnce);
  t.after(() => pool.close());
  const held = await pool.acquire();
  const next = pool.acquire();
  pool.release(held);
  held.close();
  assert.equal((await next).closed, false);
});

test('a link stops being waiting when no caller waits for another attempt', async t => {
  const {client, server} = await startHarness(t, {client: {retries: 1}});
  await client.ping();
  await server.close({graceMs: 0});
  await until(() => client.link.name === 'idle');
  const states: string[] = [];
  client.onLink(link => states.push(link.name));
  await assert.rejects(client.ping(), error => isJangadaError(error, 'unreachable'));
  assert.deepEqual(states, ['waiting', 'idle']);
});

test('fewer connections than open ones: idle ones close, and those in use close when they are returned', {
  timeout,
}, async t => {
  const {client} = await startHarness(t);
  const pool = new Pool(client.address, {...oneAtOnce, size: 4});
  t.after(() => pool.close());
  const [idleFirst, idleLast, first, last] = await Promise.all(
    [1, 2, 3, 4].map(() => pool.acquire()),
  );
  assert.ok(idleFirst && idleLast && first && last);
  pool.release(idleFirst);
  pool.release(idleLast);
  pool.size = 3;
  assert.deepEqual([idleFirst.closed, idleLast.closed], [true, false]);
  pool.size = 1;
  assert.deepEqual([idleLast.closed, first.closed, last.closed], [true, false, false]);
  // No caller gets a connection while too many are open.
  const next = pool.acquire();
  pool.release(first);
  assert.deepEqual([first.closed, last.closed], [true, false]);
  pool.release(last);
  assert.equal(await next, last);
});

test('more connections than before: waiting callers open them, in turn', {timeout}, async t => {
  const {client} = await startHarness(t);
  const pool = new Pool(client.address, oneAtOnce);
  t.after(() => pool.close());
  const held = await pool.acquire();
  const order: string[] = [];
  const waiting = ['a', 'b', 'c'].map(async name => {
    const connection = await pool.acquire();
    order.push(name);
    return connection;
  });
  pool.size = 3;
  const opened = await Promise.all(waiting.slice(0, 2));
  assert.equal(new Set([held, ...opened]).size, 3);
  pool.release(held);
  assert.equal(await waiting[2], held);
  assert.equal(order[2], 'c');
});

test('the number of connections of a client can change while calls run', {
  timeout,
}, async t => {
  const {client, serve} = await startHarness(t, {client: {connections: 4}});
  serve('a', 'abc');
  const held = Promise.withResolvers<void>();
  const works = Array.from({length: 6}, () =>
    client.withConnection(async connection => {
      await held.promise;
      return connection;
    }),
  );
  client.connections = 1;
  assert.equal(client.connections, 1);
  held.resolve();
  const connections = await Promise.all(works);
  assert.equal(connections.filter(connection => !connection.closed).length, 3);
  client.connections = 2;
  assert.equal((await client.stat(path('a'))).size, 3);
});
