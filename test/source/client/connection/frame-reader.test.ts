import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import process from 'node:process';
import {test} from 'node:test';
import {Connection} from '../../../../source/client/connection/connection.ts';
import {FrameReader} from '../../../../source/client/connection/frame-reader.ts';
import {RateLimiter} from '../../../../source/client/connection/rate-limiter.ts';
import {noise, startHarness} from '../../../fixtures/harness.ts';
import {blockFrame} from '../../../fixtures/server/hostile-server.ts';

test('a connection that is closed during the pause of its limit keeps no process alive', async t => {
  const {client} = await startHarness(t);
  const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
  const before = timers();
  // At this limit, the greeting takes more than a minute.
  const limiter = new RateLimiter(1);
  t.after(() => {
    limiter.bytesPerSecond = undefined;
  });
  const connection = await Connection.open(client.address, {limiter});
  assert.equal(timers(), before + 1);
  connection.close();
  assert.equal(timers(), before);
});

/** A reader in a very long pause of its limit, and a count of how often it lets its socket continue. */
function limitedReader(blockMemory: () => Buffer | undefined) {
  const limiter = new RateLimiter(1);
  let times = 0;
  const sink = {control() {}, blockMemory, landed() {}, block() {}};
  const reader = new FrameReader(sink, limiter, () => times++);
  const frame = blockFrame(0, Buffer.from('abc'));
  const room = reader.room();
  frame.copy(room);
  reader.read(frame.length, room);
  assert.equal(reader.isWaiting, true);
  return {
    reader,
    endLimitPause: () => {
      limiter.bytesPerSecond = undefined;
    },
    timesReadOn: () => times,
  };
}

for (const [isLimitFirst, what] of [
  [true, 'the pause of its limit is over'],
  [false, 'its receiver goes on'],
] as const) {
  test(`a socket that waits for two things does not continue when only ${what}`, () => {
    const {reader, endLimitPause, timesReadOn} = limitedReader(() => Buffer.alloc(3));
    reader.pause();
    const ends = [endLimitPause, () => reader.unpause()];
    for (const [index, end] of (isLimitFirst ? ends : ends.reverse()).entries()) {
      end();
      assert.deepEqual([timesReadOn(), reader.isWaiting], index === 0 ? [0, true] : [1, false]);
    }
  });
}

test('free memory does not end the pause of the limit', () => {
  let memory: Buffer | undefined;
  const {reader, endLimitPause, timesReadOn} = limitedReader(() => memory);
  memory = Buffer.alloc(3);
  reader.resume();
  assert.deepEqual([timesReadOn(), reader.isWaiting], [0, true]);
  endLimitPause();
  assert.deepEqual([timesReadOn(), reader.isWaiting], [1, false]);
});

test('the memory for the next bytes is small under a limit, so that no wait is long', () => {
  const sink = {control() {}, blockMemory: () => undefined, block() {}};
  const rooms = (limiter: RateLimiter | undefined) =>
    new FrameReader(sink, limiter, () => undefined).room().length;
  assert.equal(rooms(new RateLimiter(8000)), 1000);
  assert.equal(rooms(new RateLimiter(undefined)), 65_536);
  assert.equal(rooms(undefined), 65_536);
});

test('bytes that come while a block has no memory are kept, in order, until there is some', () => {
  const content = noise(3000);
  const bytes = blockFrame(0, content);
  let memory: Buffer | undefined;
  const blocks: Buffer[] = [];
  let times = 0;
  const sink = {
    control() {},
    blockMemory: () => memory,
    block: (_: unknown, block: Buffer) => blocks.push(Buffer.from(block)),
  };
  const reader = new FrameReader(sink, undefined, () => times++);
  for (let at = 0; at < bytes.length; at += 700) {
    const room = reader.room();
    const count = bytes.copy(room, 0, at, at + 700);
    reader.read(count, room);
  }

  assert.deepEqual([reader.isWaiting, blocks.length, times], [true, 0, 0]);
  memory = Buffer.alloc(content.length);
  reader.resume();
  assert.deepEqual([reader.isWaiting, blocks.length, times], [false, 1, 1]);
  assert.ok(blocks[0]?.equals(content));
  // There is nothing to go on with.
  reader.resume();
  reader.unpause();
  assert.equal(times, 1);
});

test('a reader that is closed does not read on, and waits for no limit', () => {
  const {reader, endLimitPause, timesReadOn} = limitedReader(() => Buffer.alloc(3));
  reader.pause();
  reader.close();
  endLimitPause();
  reader.unpause();
  assert.equal(timesReadOn(), 0);
});
