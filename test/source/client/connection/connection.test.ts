import assert from 'node:assert/strict';
import {type AddressInfo, createServer, type Socket} from 'node:net';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {isJangadaError, JangadaError} from '../../../../protocol/errors.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {rootPath} from '../../../../protocol/remote-path.ts';
import {Connection} from '../../../../source/client/connection/connection.ts';
import {RateLimiter} from '../../../../source/client/connection/rate-limiter.ts';
import {noise, until} from '../../../fixtures/harness.ts';
import {blockFrame, startHostileServer} from '../../../fixtures/server/hostile-server.ts';

test('a stop ends the opening of a connection, even if the peer has sent bytes that are no greeting', async t => {
  const server = createServer(socket => {
    socket.on('error', () => undefined);
    socket.write('220 f');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const {port} = server.address() as AddressInfo;
  // The limiter reads the clock each time when bytes arrive.
  let reads = 0;
  const limiter = new RateLimiter(1_000_000, () => reads++);
  reads = 0;
  const stop = new AbortController();
  const address = {scheme: 'jangada', host: '127.0.0.1', port, path: rootPath} as const;
  const opening = Connection.open(address, {signal: stop.signal, limiter});
  const stopped = assert.rejects(opening, error => isJangadaError(error, 'aborted'));
  await until(() => reads > 0);
  stop.abort();
  await stopped;
});

for (const [when, isAsked] of [
  ['nothing is asked', false],
  ['an answer without blocks is due', true],
] as const) {
  test(`a block that arrives while ${when} ends the connection`, {timeout: 45_000}, async t => {
    const sockets: Socket[] = [];
    const onConnection = (socket: Socket) => sockets.push(socket);
    const address = await startHostileServer(t, () => undefined, [], onConnection);
    const connection = await Connection.open(address);
    t.after(() => connection.close());
    const closed = new Promise<JangadaError>(resolve => connection.onClose(resolve));
    if (isAsked) {
      connection.request('stat', {path: rootPath}, {control: () => true, failed() {}});
    }

    sockets[0]?.write(blockFrame(0, noise(100)));
    assert.equal((await closed).code, 'protocol');
  });
}

/** A connection by a clock that goes on only as the test says, to a server that says nothing. */
async function startSilent(t: TestContext) {
  let nowMs = 0;
  t.mock.timers.enable({apis: ['setTimeout']});
  const clock = {nowMs: () => nowMs, wallMs: () => nowMs};
  const address = await startHostileServer(t, () => undefined);
  const connection = await Connection.open(address, {clock, silenceTimeoutMs: 3000});
  t.after(() => connection.close());
  return {
    connection,
    async goOn(untilMs: number) {
      for (; nowMs < untilMs; nowMs += 100, t.mock.timers.tick(100)) {}
      await turn();
      await turn();
    },
  };
}

test('a server is not taken for gone while this side reads nothing, but soon after it reads again', async t => {
  const {connection, goOn} = await startSilent(t);
  const failed = Promise.withResolvers<JangadaError>();
  connection.request('stat', {path: rootPath}, {control: () => true, failed: failed.resolve});
  connection.pause();
  await goOn(20_000);
  assert.equal(connection.closed, false);
  connection.unpause();
  await goOn(21_000);
  assert.equal((await failed.promise).code, 'connection_lost');
  assert.match((await failed.promise).message, /the server no longer answers/);
});

test('a request over a connection that is closed fails soon, with the reason, and is not pending', async t => {
  const {connection} = await startSilent(t);
  connection.close(new JangadaError('timed_out', 'too long'));
  const failed = Promise.withResolvers<JangadaError>();
  let isOver = false;
  connection.request(
    'ping',
    {},
    {
      control: () => assert.fail('there is no answer'),
      failed(error) {
        isOver = true;
        failed.resolve(error);
      },
    },
  );
  assert.deepEqual([isOver, connection.pending], [false, 0]);
  assert.equal((await failed.promise).code, 'timed_out');
});

test('what a connection is closed for first is the reason for all, and each is told once', async t => {
  const {connection} = await startSilent(t);
  const reasons: string[] = [];
  connection.onClose(({code}) => reasons.push(`closed: ${code}`));
  for (const name of ['one', 'two']) {
    const failed = ({code}: JangadaError) => reasons.push(`${name}: ${code}`);
    connection.request('ping', {}, {control: () => true, failed});
  }

  connection.close(new JangadaError('busy', 'first'));
  connection.close(new JangadaError('internal', 'second'));
  assert.deepEqual(reasons, ['one: busy', 'two: busy', 'closed: busy']);
});

test('a handler that fails closes the connection, and its own error is the reason or the cause', async t => {
  for (const error of [new JangadaError('no_space', 'full'), new TypeError('odd')]) {
    const address = await startHostileServer(t, socket => socket.write(encodeAnswer('pong', {})));
    const connection = await Connection.open(address);
    const failed = Promise.withResolvers<JangadaError>();
    const control = () => {
      throw error;
    };
    connection.request('ping', {}, {control, failed: failed.resolve});
    const reason = await failed.promise;
    assert.equal(connection.closed, true);
    assert.equal(error instanceof JangadaError ? reason : reason.cause, error);
    assert.equal(reason.code, error instanceof JangadaError ? 'no_space' : 'internal');
  }
});

test('a server that names an error that answers no request is lost for that reason', async t => {
  const sockets: Socket[] = [];
  const onConnection = (socket: Socket) => sockets.push(socket);
  const address = await startHostileServer(t, () => undefined, [], onConnection);
  const connection = await Connection.open(address);
  const closed = new Promise<JangadaError>(resolve => connection.onClose(resolve));
  sockets[0]?.end(encodeAnswer('error', {code: 'busy', message: 'too\u001b many'}));
  const {code, message} = await closed;
  assert.deepEqual([code, message], ['busy', 'too\\x1b many']);
});

test('a connection that is lost after its greeting says so, whether it was closed or reset', async t => {
  for (const [end, why] of [
    [(socket: Socket) => socket.end(), /the server closed the connection/],
    [(socket: Socket) => socket.resetAndDestroy(), /the other side closed the connection/],
  ] as const) {
    const sockets: Socket[] = [];
    const onConnection = (socket: Socket) => sockets.push(socket);
    const address = await startHostileServer(t, () => undefined, [], onConnection);
    const connection = await Connection.open(address);
    const closed = new Promise<JangadaError>(resolve => connection.onClose(resolve));
    for (const socket of sockets) {
      end(socket);
    }

    const {code, message} = await closed;
    assert.equal(code, 'connection_lost');
    assert.match(message, why);
  }
});
