import assert from 'node:assert/strict';
import {once} from 'node:events';
import {type AddressInfo, createServer} from 'node:net';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../../protocol/address.ts';
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import {frameKinds} from '../../../protocol/frame.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {Client} from '../../../source/client/client.ts';
import {ServerLeaving} from '../../../source/client/connection/server-leaving.ts';
import {Pool} from '../../../source/client/pool.ts';
import {Retries} from '../../../source/client/retries.ts';
import {startHostileServer} from '../../fixtures/server/hostile-server.ts';

test('a call that waits before another attempt can be stopped', async t => {
  const address = await startHostileServer(t, () => undefined);
  const pool = new Pool(address, {size: 1, retries: 5, retryFirst: false});
  t.after(() => pool.close());
  const stop = new AbortController();
  const retries = new Retries(pool, stop.signal);
  const lost = new JangadaError('connection_lost', 'The connection is lost');
  // The first attempt follows at once, the second after a pause.
  await retries.after(lost);
  const pause = retries.after(lost);
  stop.abort();
  await assert.rejects(pause, error => isJangadaError(error, 'aborted'));
});

/** A server that says good-bye to the first request of each of its first `count` connections. */
async function leavingServer(t: TestContext, count: number) {
  let connections = 0;
  const address = await startHostileServer(
    t,
    (socket, {kind}) => {
      if (connections <= count) {
        socket.end(goodBye);
      } else if (kind === frameKinds.ping) {
        socket.write(encodeAnswer('pong', {}));
      }
    },
    [],
    () => connections++,
  );
  return {address, connections: () => connections};
}

const goodBye = encodeAnswer('error', {code: 'timed_out', message: 'x', leaving: true});

test('the good-bye of a server that stops uses no attempt, and is no loss of the link', async t => {
  const {address, connections} = await leavingServer(t, 3);
  await using client = new Client(address, {retries: 0});
  const links: string[] = [];
  client.onLink(({name}) => links.push(name));
  await client.ping();
  assert.equal(connections(), 4);
  assert.ok(!links.includes('waiting'), `${links}`);
});

test('a server that only says good-bye is given up', async t => {
  const {address, connections} = await leavingServer(t, 1000);
  await using client = new Client(address, {retries: 0});
  await assert.rejects(client.ping(), error => isJangadaError(error, 'connection_lost'));
  assert.ok(connections() <= 10, `${connections()} connections`);
});

test('a good-bye in place of a greeting uses no attempt either', async t => {
  let connections = 0;
  const server = createServer(socket => {
    connections++;
    if (connections <= 3) {
      socket.resume().end(goodBye);
    } else {
      socket.destroy();
    }
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const {port} = server.address() as AddressInfo; // A listening TCP server always has this type of address.
  await using client = new Client(parseAddress(`jangada://127.0.0.1:${port}`));
  await assert.rejects(client.ping(), error => isJangadaError(error, 'unreachable'));
  assert.equal(connections, 3 + 1);
});

test('an attempt that gained something begins the count anew, and no other does', async t => {
  const address = await startHostileServer(t, () => undefined);
  const pool = new Pool(address, {size: 1, retries: 0, retryFirst: false});
  t.after(() => pool.close());
  const lost = new JangadaError('connection_lost', 'The connection is lost');
  const leaving = new ServerLeaving();
  const retries = new Retries(pool, undefined);
  for (let round = 0; round < 3; round++) {
    await retries.after(lost);
    for (let goodBye = 0; goodBye < 8; goodBye++) {
      await retries.after(leaving);
    }

    await assert.rejects(retries.after(leaving), leaving);
    await assert.rejects(retries.after(lost), lost);
    retries.progressed();
  }
});

test('an error that another attempt would meet again, and a call that is stopped, are not tried again', async t => {
  const address = await startHostileServer(t, () => undefined);
  const pool = new Pool(address, {size: 1, retries: 5, retryFirst: false});
  t.after(() => pool.close());
  const refused = new JangadaError('unauthorized', 'no');
  await assert.rejects(new Retries(pool, undefined).after(refused), refused);
  const stopped = new Retries(pool, AbortSignal.abort());
  for (const error of [new JangadaError('connection_lost', 'gone'), new ServerLeaving()]) {
    await assert.rejects(stopped.after(error), error);
  }
});
