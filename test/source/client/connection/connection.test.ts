import assert from 'node:assert/strict';
import {type AddressInfo, createServer} from 'node:net';
import {test} from 'node:test';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {rootPath} from '../../../../protocol/remote-path.ts';
import {Connection} from '../../../../source/client/connection/connection.ts';
import {RateLimiter} from '../../../../source/client/connection/rate-limiter.ts';
import {until} from '../../../fixtures/harness.ts';

test('opening that is stopped is stopped, also when what listens has sent bytes of no greeting', async t => {
  const server = createServer(socket => {
    socket.on('error', () => undefined);
    socket.write('220 f');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const {port} = server.address() as AddressInfo;
  // A limit asks for the time whenever bytes have come.
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
