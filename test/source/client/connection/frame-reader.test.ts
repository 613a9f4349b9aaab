import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import process from 'node:process';
import {test} from 'node:test';
import {Connection} from '../../../../source/client/connection/connection.ts';
import {FrameReader} from '../../../../source/client/connection/frame-reader.ts';
import {RateLimiter} from '../../../../source/client/connection/rate-limiter.ts';
import {startHarness} from '../../../fixtures/harness.ts';
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
