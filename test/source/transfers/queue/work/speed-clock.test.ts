import assert from 'node:assert/strict';
import {suite, type TestContext, test} from 'node:test';
import {blockSize} from '../../../../../protocol/block.ts';
import {SpeedClock} from '../../../../../source/transfers/queue/work/speed-clock.ts';
import {noise, path, startHarness, until} from '../../../../fixtures/harness.ts';

const tickMs = 250;

/** A speed clock whose time the test advances, with bytes that arrive at a rate. */
function startClock(t: TestContext) {
  t.mock.timers.enable({apis: ['setInterval']});
  let nowMs = 1000;
  let ticks = 0;
  const clock = new SpeedClock(
    () => ticks++,
    () => nowMs,
  );
  t.after(() => clock.stop());
  clock.start();
  return {
    clock,
    ticks: () => ticks,
    /** Advance the time to the next tick. Until then, transfer `id` receives `bytesPerSecond`. */
    tick(id: number, bytesPerSecond: number, lateMs = 0): void {
      const ms = tickMs + lateMs;
      clock.moved(id, (bytesPerSecond * ms) / 1000, {total: true});
      nowMs += ms;
      t.mock.timers.tick(tickMs);
    },
  };
}

suite('the speed of a transfer and the total speed', () => {
  test('are right from the first tick with a byte, however long nothing arrived before', t => {
    const {clock, tick, ticks} = startClock(t);
    for (let index = 0; index < 80; index++) {
      tick(1, 0);
      assert.equal(clock.bytesPerSecond, 0);
    }

    for (let index = 0; index < 40; index++) {
      tick(1, 50_000);
      assert.equal(Math.round(clock.bytesPerSecond), 50_000);
      assert.equal(Math.round(clock.speedOf(1)), 50_000);
    }

    assert.equal(ticks(), 120);
  });

  test('follow a change within five seconds, in steps without a peak', t => {
    const {clock, tick} = startClock(t);
    for (let index = 0; index < 40; index++) {
      tick(1, 1_000_000);
    }

    const speeds = Array.from({length: 20}, () => {
      tick(1, 200_000);
      return Math.round(clock.bytesPerSecond);
    });
    assert.deepEqual(
      speeds,
      speeds.toSorted((one, other) => other - one),
    );
    assert.equal(speeds[9], 600_000);
    assert.equal(speeds.at(-1), 200_000);
  });

  test('are zero when nothing has arrived for five seconds, and begin again after that', t => {
    const {clock, tick} = startClock(t);
    tick(1, 1_000_000);
    for (let index = 0; index < 19; index++) {
      tick(1, 0);
    }

    assert.ok(clock.speedOf(1) > 0);
    tick(1, 0);
    assert.equal(clock.speedOf(1), 0);
    tick(1, 300_000);
    assert.equal(Math.round(clock.speedOf(1)), 300_000);
  });

  test('take into account that a tick is late, and ignore bytes that are subtracted', t => {
    const {clock, tick} = startClock(t);
    tick(1, 400_000, 1750);
    tick(1, 400_000, 20);
    assert.equal(Math.round(clock.bytesPerSecond), 400_000);
    tick(1, -10_000_000);
    assert.equal(clock.bytesPerSecond, 0);
    assert.ok(clock.history.every(speed => speed >= 0));
  });

  test('have the sum of all transfers, and forget a transfer that has ended', t => {
    const {clock, tick} = startClock(t);
    for (let index = 0; index < 20; index++) {
      clock.moved(1, 25_000, {total: true});
      clock.moved(2, 1_000_000, {total: false});
      tick(3, 300_000);
    }

    assert.equal(clock.speedOf(1), 100_000);
    assert.equal(clock.speedOf(2), 4_000_000);
    assert.equal(clock.bytesPerSecond, 400_000);
    clock.forget(1);
    assert.equal(clock.speedOf(1), 0);
  });
});

suite('a clock', () => {
  test('that is stopped shows no speed, tells so once, and begins anew', t => {
    const {clock, tick, ticks} = startClock(t);
    tick(1, 100_000);
    clock.moved(1, 999_999, {total: true});
    clock.stop();
    clock.stop();
    assert.deepEqual([clock.bytesPerSecond, clock.speedOf(1), ticks()], [0, 0, 2]);
    t.mock.timers.tick(1000);
    assert.equal(ticks(), 2);
    clock.start();
    clock.start();
    tick(1, 0);
    assert.equal(ticks(), 3);
    // Nothing of what came before it was stopped.
    assert.deepEqual([clock.bytesPerSecond, clock.speedOf(1)], [0, 0]);
    tick(1, 40_000);
    assert.deepEqual([clock.bytesPerSecond, clock.speedOf(1)], [40_000, 40_000]);
  });

  test('keeps the speeds of the last eight seconds, each of its own tick', t => {
    const {clock, tick} = startClock(t);
    for (let index = 1; index <= 40; index++) {
      tick(1, index * 4000);
    }

    assert.deepEqual(
      clock.history,
      Array.from({length: 32}, (_, index) => (index + 9) * 4000),
    );
  });

  test('counts bytes of files that have ended, and no speed of theirs', t => {
    const {clock, tick} = startClock(t);
    clock.arrived(25_000);
    tick(1, 0);
    assert.deepEqual([clock.bytesPerSecond, clock.speedOf(1)], [100_000, 0]);
  });
});

// At this rate a block takes 20 s.
test('on a slow link the received bytes grow at each tick, long before a block is complete', async t => {
  const {serve, queue, target} = await startHarness(t, {server: {limit: 50_000}});
  serve('a', noise(blockSize));
  const [id = 0] = queue.add([
    {remotePath: path('a'), folder: target, localPath: 'a', onConflict: 'fail', size: blockSize},
  ]);
  const readings: Array<{received: number; row: number; all: number}> = [];
  t.after(
    queue.subscribe(() => {
      const {receivedBytes = 0, bytesPerSecond = 0, verifiedBytes = 0} = queue.transfer(id) ?? {};
      if (receivedBytes > (readings.at(-1)?.received ?? 0) && verifiedBytes === 0) {
        const all = queue.totals().bytesPerSecond;
        readings.push({received: receivedBytes, row: bytesPerSecond, all});
      }
    }),
  );
  await until(() => readings.length >= 8);
  assert.ok(readings.every(({received}) => received < blockSize));
  // The first byte may arrive between two ticks.
  assert.ok(readings.slice(1).every(({row, all}) => row > 0 && all > 0));
});
