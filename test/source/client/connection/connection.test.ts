import assert from 'node:assert/strict';
import {type AddressInfo, createServer, type Socket} from 'node:net';
import {test} from 'node:test';
import {isJangadaError, type JangadaError} from '../../../../protocol/errors.ts';
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
