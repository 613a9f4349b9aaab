import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {once} from 'node:events';
import {PassThrough, Writable} from 'node:stream';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {PairSocket} from '../../../server/stdio/stdio-socket.ts';

/** A pair of streams as one socket; the other side takes bytes when the test lets it. */
function startPair(t: TestContext) {
  const input = new PassThrough({highWaterMark: 10});
  const taken: Buffer[] = [];
  const done: Array<(error?: Error) => void> = [];
  const output = new Writable({
    write(bytes: Buffer, _encoding, callback) {
      taken.push(bytes);
      done.push(callback);
    },
  });
  const socket = new PairSocket(input, output);
  t.after(() => socket.destroy());
  return {input, output, socket, taken, take: (error?: Error) => done.shift()?.(error)};
}

test('bytes go through in both directions, in order, and each written one is counted once', async t => {
  const {input, socket, take, taken} = startPair(t);
  input.write('to the server');
  const [received] = await once(socket, 'data');
  assert.equal(String(received), 'to the server');
  const written: string[] = [];
  socket.write('one', () => written.push('one'));
  // These wait, and go in one call.
  socket.write('two', () => written.push('two'));
  socket.write('three', () => written.push('three'));
  assert.equal(socket.bytesWritten, 11);
  for (let write = 0; write < 3; write++) {
    assert.equal(written.length, write === 0 ? 0 : 1);
    take();
    await turn();
    assert.equal(socket.bytesWritten, 11);
  }

  assert.deepEqual(written, ['one', 'two', 'three']);
  assert.equal(String(Buffer.concat(taken)), 'onetwothree');
});

test('a side that does not read is not sent more than it can keep', async t => {
  const {input, socket} = startPair(t);
  let sent = 0;
  while (sent < 1000 && input.write(Buffer.alloc(10_000))) {
    sent++;
  }

  for (let round = 0; round < 100; round++) {
    await turn();
    if (!input.isPaused() && input.readableLength === 0) {
      input.write(Buffer.alloc(10_000));
    }
  }

  assert.ok(socket.readableLength < 300_000, `${socket.readableLength} bytes are kept`);
  assert.ok(input.isPaused());
  socket.resume();
  await turn();
  await turn();
  assert.equal(socket.readableLength, 0);
  assert.equal(input.isPaused(), false, 'it reads on');
});

test('silence in both directions is a timeout, and each byte puts it off', async t => {
  const {input, socket, take} = startPair(t);
  socket.resume();
  const events: string[] = [];
  socket.on('timeout', () => events.push('timeout'));
  let fire = () => {};
  // Those of the test runner have no `refresh`.
  const timer = {refresh: () => events.push('put off')};
  const set = t.mock.method(globalThis, 'setTimeout', (call: () => void, ms: number) => {
    events.push(`after ${ms}`);
    fire = call;
    return timer;
  });
  const clear = t.mock.method(globalThis, 'clearTimeout', (which: unknown) => {
    events.push(which === timer ? 'cleared' : 'none');
  });
  socket.setTimeout(100);
  input.write('x');
  await turn();
  socket.write('y');
  await turn();
  assert.deepEqual(events.splice(0), ['none', 'after 100', 'put off']);
  take();
  fire();
  assert.deepEqual(events.splice(0), ['put off', 'timeout']);
  socket.setTimeout(0);
  socket.setTimeout(200);
  socket.destroy();
  assert.deepEqual(events.slice(0, 4), ['cleared', 'none', 'after 200', 'cleared']);
  set.mock.restore();
  clear.mock.restore();
});

for (const [what, leave] of [
  ['ends its output', ({output}) => output.destroy()],
  ['fails to send', ({input}) => input.destroy(new Error('EIO'))],
  ['fails to take', ({output}) => output.destroy(new Error('EPIPE'))],
  ['is closed by the server', ({socket}) => socket.destroy()],
] as ReadonlyArray<[string, (pair: ReturnType<typeof startPair>) => void]>) {
  test(`a client that ${what} ends both directions`, async t => {
    const pair = startPair(t);
    pair.socket.on('error', () => {});
    const closed = once(pair.socket, 'close').catch(() => {});
    leave(pair);
    await closed;
    await turn();
    const {input, output, socket} = pair;
    assert.deepEqual([input.destroyed, output.destroyed, socket.destroyed], [true, true, true]);
  });
}

test('a client that has sent all still gets the rest of its answer, and then the end', async t => {
  const {input, output, socket, take, taken} = startPair(t);
  input.end('bye');
  const received: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => received.push(bytes));
  await once(socket, 'end');
  assert.equal(String(Buffer.concat(received)), 'bye');
  socket.end('answer');
  assert.equal(output.writableEnded, false);
  take();
  await once(output, 'finish');
  assert.equal(String(Buffer.concat(taken)), 'answer');
});
