import assert from 'node:assert/strict';
import {getEventListeners} from 'node:events';
import {type AddressInfo, createServer, type Socket} from 'node:net';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {parseAddress} from '../../../protocol/address.ts';
import {
  type ReadinessState,
  readinessAnswer,
  readinessStates,
} from '../../../protocol/readiness.ts';
import {askReadiness} from '../../../source/client/ask-readiness.ts';
import {Ssh} from '../../../source/client/connection/ways/ssh/ssh.ts';

const timeout = 30_000;
const ssh = new Ssh();

/** A server that answers as `answer` says, once it has got a question. */
async function startAsked(t: TestContext, answer: (socket: Socket) => void) {
  const asked: string[] = [];
  const closed = Promise.withResolvers<void>();
  const questioned = Promise.withResolvers<void>();
  const server = createServer(socket => {
    socket.on('error', () => undefined);
    socket.on('close', closed.resolve);
    socket.once('data', bytes => {
      asked.push(bytes.toString());
      answer(socket);
      questioned.resolve();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const {port} = server.address() as AddressInfo; // It listens on a port.
  return {
    ...{asked, closed: closed.promise, questioned: questioned.promise},
    address: parseAddress(`127.0.0.1:${port}`),
  };
}

for (const state of readinessStates) {
  test(`a server that answers ${state} byte by byte is ${state}, and the connection is closed`, {
    timeout,
  }, async t => {
    const {address, asked, closed} = await startAsked(t, async socket => {
      for (const byte of readinessAnswer(state)) {
        socket.write(byte);
        await turn();
      }
    });
    const {signal} = new AbortController();
    const found: ReadinessState = await askReadiness(address, {signal, ssh});
    assert.equal(found, state);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    assert.deepEqual(asked, ['jangada/?\r\n']);
    await closed;
  });
}

test('a server that never answers is given up after 10 s, and the connection is closed', {
  timeout,
}, async t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const {address, closed, questioned} = await startAsked(t, () => undefined);
  let isOver = false;
  const answer = askReadiness(address, {ssh}).finally(() => {
    isOver = true;
  });
  const given = assert.rejects(answer, {code: 'unreachable', message: /did not answer in time/});
  await questioned;
  t.mock.timers.tick(9999);
  await turn();
  assert.equal(isOver, false);
  t.mock.timers.tick(1);
  await given;
  await closed;
});

test('a question that is stopped ends the connection, and one that is stopped already asks nothing', {
  timeout,
}, async t => {
  const {address, closed, questioned} = await startAsked(t, () => undefined);
  const stop = new AbortController();
  const stopped = assert.rejects(askReadiness(address, {signal: stop.signal, ssh}), {
    code: 'aborted',
  });
  await questioned;
  stop.abort();
  await stopped;
  await closed;
  await assert.rejects(askReadiness(address, {signal: stop.signal, ssh}), {code: 'aborted'});
});

test('an endless answer is no answer, and only its beginning is kept', {timeout}, async t => {
  const {address} = await startAsked(t, socket => {
    socket.end(`220 mail\r\n${'x'.repeat(100_000)}`);
  });
  await assert.rejects(askReadiness(address, {ssh}), {
    code: 'unreachable',
    message: /is not a jangada-server \(it answered with the text '220 mail'\)/,
  });
});
