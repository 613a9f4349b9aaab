import assert from 'node:assert/strict';
import {once} from 'node:events';
import {type AddressInfo, createServer} from 'node:net';
import {test} from 'node:test';
import {parseAddress} from '../../../protocol/address.ts';
import {frameKinds} from '../../../protocol/frame.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {Client} from '../../../source/client/client.ts';
import {noise, path, startHarness} from '../../fixtures/harness.ts';
import {startHostileServer} from '../../fixtures/server/hostile-server.ts';
import {startLateGreeter} from '../../fixtures/server/late-greeter.ts';

test('the first request is sent right after the preface, without waiting for the greeting', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', noise(1000));
  await using client = new Client(await startLateGreeter(t, server.port, 1));
  assert.equal((await client.stat(path('a'))).size, 1000);
  assert.equal((await client.digests(path('a'))).size, 1000);
});

test('an error in place of the greeting fails all requests sent before it, with its reason', async t => {
  const busy = encodeAnswer('error', {code: 'busy', message: 'All places are taken'});
  const server = createServer(socket => socket.once('data', () => socket.end(busy)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  // A listening TCP server always has this type of address.
  const {port} = server.address() as AddressInfo;
  await using client = new Client(parseAddress(`jangada://127.0.0.1:${port}`));
  const asked = await Promise.allSettled([client.stat(path('a')), client.ping()]);
  for (const answer of asked) {
    assert.equal(answer.status === 'rejected' && answer.reason.code, 'busy');
  }
});

test('a request is sent again if its connection could not be opened', async t => {
  let connections = 0;
  const address = await startHostileServer(
    t,
    (socket, {kind}) => {
      if (kind === frameKinds.stat) {
        socket.write(
          encodeAnswer('entry', {name: 'a', type: 'file', size: 7, mtimeMs: 0, version: 'v'}),
        );
      }
    },
    [],
    socket => {
      if (++connections === 1) {
        socket.destroy();
      }
    },
  );
  await using client = new Client(address, {retries: 2, retryFirst: true});
  assert.equal((await client.stat(path('a'))).size, 7);
  assert.equal(connections, 2);
});
