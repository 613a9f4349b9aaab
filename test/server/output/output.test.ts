import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Socket} from 'node:net';
import {Writable} from 'node:stream';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {Output} from '../../../server/output/output.ts';
import {type Limiter, SendLimiter} from '../../../server/output/send-limiter.ts';
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

/** A socket in memory, whose client takes bytes only when the test lets it. */
function heldSocket(highWaterMark: number) {
  const taken: Buffer[][] = [];
  const done: Array<() => void> = [];
  const socket = new Writable({
    highWaterMark,
    write(bytes: Buffer, _encoding, callback) {
      taken.push([bytes]);
      done.push(callback);
    },
    writev(chunks: Array<{chunk: Buffer}>, callback) {
      taken.push(chunks.map(({chunk}) => chunk));
      done.push(callback);
    },
  });
  return {socket: socket as unknown as Socket, taken, take: () => done.shift()?.()};
}

function outputOn(socket: Socket, limiter?: Limiter) {
  const counts = {sentBytes: 0};
  const stallWatch = new StallWatch({socket, stallMs: 60_000, onStall() {}});
  return {counts, output: new Output(socket, {counts, limiter, stallWatch})};
}

test('frames of one turn leave together, and all of their bytes are counted', async () => {
  const {socket, take, taken} = heldSocket(1000);
  const {counts, output} = outputOn(socket);
  assert.equal(output.send(Buffer.alloc(10)), undefined);
  assert.equal(output.queue(Buffer.alloc(20)), undefined);
  assert.equal(taken.length, 0);
  assert.equal(output.pending, true);
  await turn();
  assert.deepEqual(
    taken.map(frames => frames.map(({length}) => length)),
    [[10, 20]],
  );
  assert.deepEqual([output.bytes, counts.sentBytes], [30, 30]);
  take();
  output.queue(Buffer.alloc(5));
  output.queue(Buffer.alloc(6));
  await turn();
  assert.equal(taken[1]?.length, 2, 'so do those of the next turn');
  assert.equal(output.bytes, 41);
});

test('a sender waits while the client takes nothing, a queued frame does not, and both learn that it left', async () => {
  const {socket, take} = heldSocket(100);
  const {output} = outputOn(socket);
  let goesOn = 0;
  const sent = output.send(Buffer.alloc(200))?.then(() => goesOn++);
  assert.ok(sent !== undefined);
  assert.equal(output.queue(Buffer.alloc(200)), undefined);
  await turn();
  take();
  await sent;
  assert.equal(goesOn, 1);
  const waits = output.send(Buffer.alloc(200)) ?? assert.fail('it need not wait');
  let free = 0;
  socket.destroy();
  await assert.rejects(waits, {code: 'aborted'});
  assert.throws(() => output.send(Buffer.alloc(1), () => free++), {code: 'aborted'});
  assert.equal(free, 1);
});

test('nothing is sent after the end', () => {
  const {socket} = heldSocket(100);
  const {counts, output} = outputOn(socket);
  socket.end();
  let free = 0;
  assert.throws(() => output.queue(Buffer.alloc(1), () => free++), {code: 'aborted'});
  assert.deepEqual([free, output.bytes, counts.sentBytes], [1, 0, 0]);
});

test('with a limit, a frame leaves in slices that were allowed, whole and in order', async () => {
  for (const [length, slices] of [
    [1, [1]],
    [9, [9]],
    [10, [10]],
    [11, [10, 1]],
    [25, [10, 10, 5]],
    [30, [10, 10, 10]],
  ] as const) {
    const {socket, taken} = heldSocket(1_000_000);
    const allowed: number[] = [];
    const take = async (bytes: number) => {
      allowed.push(bytes);
    };
    const {output} = outputOn(socket, {sliceSize: 10, take});
    const frame = Buffer.from(Array.from({length}, (_, index) => index));
    await (length % 2 === 0 ? output.queue(frame) : output.send(frame));
    await turn();
    assert.deepEqual(allowed, slices);
    assert.deepEqual(Buffer.concat(taken.flat()), frame);
    assert.equal(output.bytes, length);
  }
});

test('with a limit, a slice waits until the client has taken those before it', async () => {
  const {socket, take} = heldSocket(10);
  const {output} = outputOn(socket, {sliceSize: 10, take: async () => {}});
  let isSent = false;
  const sent = output.queue(Buffer.alloc(30))?.then(() => {
    isSent = true;
  });
  for (const bytes of [10, 20, 30]) {
    await turn();
    assert.deepEqual([output.bytes, isSent], [bytes, false]);
    take();
  }

  await sent;
});
