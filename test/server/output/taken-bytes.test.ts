import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {once} from 'node:events';
import {connect, createServer, type Socket} from 'node:net';
import {networkInterfaces} from 'node:os';
import process from 'node:process';
import {test} from 'node:test';
import {queuedBytes, takenBytes} from '../../../server/output/taken-bytes.ts';
import {until} from '../../fixtures/server/server-folder.ts';

const addresses = Object.values(networkInterfaces()).flatMap(all => all ?? []);
const size = 67_108_864;

for (const host of ['127.0.0.1', '::1']) {
  const isHere = addresses.some(({address}) => address === host);
  const skip =
    process.platform !== 'linux'
      ? 'the queues of the system are known on Linux alone'
      : !isHere && 'this machine has no such address';
  test(`bytes that wait in the system for a client at ${host} are counted until the client has received them`, {
    skip,
  }, async t => {
    const server = createServer().listen(0, host);
    t.after(() => server.close());
    const accepted = Promise.withResolvers<Socket>();
    server.once('connection', accepted.resolve);
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const client = connect(address.port, host).pause();
    t.after(() => client.destroy());
    const socket = await accepted.promise;
    t.after(() => socket.destroy());
    socket.write(Buffer.alloc(size));
    await until(() => (queuedBytes(socket) ?? 0) > 0, 'some wait in the system');
    assert.ok(takenBytes(socket) < size);
    client.resume();
    await until(() => client.bytesRead === size, 'the client has all');
    await until(() => queuedBytes(socket) === 0, 'none wait');
    assert.equal(takenBytes(socket), size);
  });
}
