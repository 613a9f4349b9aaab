import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Socket} from 'node:net';
import {buffer} from 'node:stream/consumers';
import {type TestContext, test} from 'node:test';
import {Link} from '../../../bench/link/link.ts';
import {until} from '../../fixtures/harness.ts';

const quick = {roundTripMs: 4, bytesPerSecond: 200_000_000};

test('a link delivers all bytes in order, and the end, in both directions', async t => {
  const sent = randomBytes(5_000_000);
  const link = await startLink(t, socket => {
    socket.end(sent);
    bytesFrom(socket).then(received.resolve, received.reject);
  });
  const received = Promise.withResolvers<Buffer>();
  const client = connect({port: link.port, host: '127.0.0.1', allowHalfOpen: true});
  client.end(sent.subarray(0, 3_000_000));
  assert.ok((await bytesFrom(client)).equals(sent));
  assert.ok((await received.promise).equals(sent.subarray(0, 3_000_000)));
  assert.deepEqual([link.up.bytes, link.down.bytes], [3_000_000, 5_000_000]);
});

test('connections share the link, and no byte is lost or reaches another connection', async t => {
  const link = await startLink(t, socket => {
    socket.pipe(socket);
  });
  await Promise.all(
    Array.from({length: 8}, async () => {
      const sent = randomBytes(500_000);
      const client = connect({port: link.port, host: '127.0.0.1'});
      client.end(sent);
      assert.ok((await buffer(client)).equals(sent));
    }),
  );
  assert.deepEqual([link.up.bytes, link.down.bytes], [4_000_000, 4_000_000]);
});

test('a side that reads late gets all bytes, even more than the link buffers', async t => {
  const accepted = Promise.withResolvers<Socket>();
  const link = await startLink(t, socket => {
    socket.pause();
    accepted.resolve(socket);
  });
  const client = connect({port: link.port, host: '127.0.0.1'});
  const all = 48 * 1_048_576;
  client.end(Buffer.alloc(all, 1));
  const server = await accepted.promise;
  await until(() => link.up.bytes > 1_000_000);
  let count = 0;
  for await (const chunk of server) {
    count += chunk.length;
  }

  assert.equal(count, all);
});

test('a connection that is reset ends on the other side, too', async t => {
  const closed = Promise.withResolvers<void>();
  const link = await startLink(t, socket => {
    socket.on('error', () => {});
    socket.once('close', () => closed.resolve());
    socket.once('data', () => came.resolve());
  });
  const came = Promise.withResolvers<void>();
  const client = connect({port: link.port, host: '127.0.0.1'});
  client.write('x');
  await came.promise;
  client.resetAndDestroy();
  await closed.promise;
});

/** All bytes until the end. `buffer` would then destroy the socket, although it may not have sent everything. */
async function bytesFrom(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', chunk => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

async function startLink(t: TestContext, serve: (socket: Socket) => void): Promise<Link> {
  const server = createServer({allowHalfOpen: true}, serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server always has this type of address.
  const {port} = server.address() as AddressInfo;
  const link = await Link.start(port, quick);
  t.after(async () => {
    await link[Symbol.asyncDispose]();
    server.close();
  });
  return link;
}
