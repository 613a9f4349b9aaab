import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Socket} from 'node:net';
import {test} from 'node:test';
import {Output} from '../../../server/output/output.ts';
import {SendLimiter} from '../../../server/output/send-limiter.ts';
import {StallWatch} from '../../../server/output/stall-watch.ts';

test('the memory of a frame is freed exactly once if the client leaves in the middle of it', async t => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  // The address of a listener on a TCP port has this type.
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => client.destroy());
  const [socket] = (await once(server, 'connection')) as [Socket];
  const stallWatch = new StallWatch({socket, stallMs: 60_000, onStall() {}});
  const output = new Output(socket, {
    counts: {sentBytes: 0},
    limiter: new SendLimiter(1_000_000),
    stallWatch,
  });
  let free = 0;
  const sent = output.queue(Buffer.alloc(10_000_000), () => free++);
  await once(client, 'data');
  assert.equal(free, 0);
  socket.destroy();
  await assert.rejects(sent ?? assert.fail(), {code: 'aborted'});
  assert.equal(free, 1);
});
