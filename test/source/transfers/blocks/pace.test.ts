import assert from 'node:assert/strict';
import {test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {Pace} from '../../../../source/transfers/blocks/pace.ts';

/** A block arrives every `everyMs`, and as many blocks as allowed are requested ahead. */
function run(pace: Pace, clock: {nowMs: number}, everyMs: number, blocks: number): void {
  for (let block = 0; block < blocks; block++) {
    while (pace.outstanding < pace.bytesAhead) {
      pace.asked(blockSize);
    }

    clock.nowMs += everyMs;
    pace.came(blockSize);
  }
}

test('about a second of bytes may be outstanding, and at least two blocks', () => {
  for (const [everyMs, blocks] of [
    [10, 100],
    [100, 10],
    [400, 2.5],
    [3000, 2],
  ] as const) {
    const clock = {nowMs: 0};
    const pace = new Pace(undefined, () => clock.nowMs);
    assert.equal(pace.bytesAhead, 4 * blockSize);
    assert.equal(pace.leftMs, 0);
    run(pace, clock, everyMs, 50);
    assert.ok(Math.abs(pace.bytesAhead / blockSize - blocks) < blocks / 10, `${everyMs} ms`);
    const left = pace.outstanding / blockSize;
    assert.ok(Math.abs(pace.leftMs - left * everyMs) < everyMs / 10 + 1);
  }
});

test('until the rate is known, more bytes are outstanding if the round trip is longer', () => {
  for (const [roundTripMs, blocks] of [
    [0, 4],
    [49, 4],
    [100, 6],
    [300, 10],
    [5000, 16],
  ] as const) {
    const pace = new Pace(undefined, () => 0, roundTripMs);
    assert.equal(pace.bytesAhead, blocks * blockSize);
    pace.asked(3 * blockSize);
    assert.equal(pace.bytesAtOnce, (blocks - 3) * blockSize);
  }
});

test('a slower link is noticed within a few blocks, a faster one at once', () => {
  const clock = {nowMs: 0};
  const pace = new Pace(undefined, () => clock.nowMs);
  run(pace, clock, 10, 100);
  run(pace, clock, 1000, 8);
  assert.ok(pace.bytesAhead < 2.5 * blockSize);
  run(pace, clock, 10, 30);
  assert.ok(pace.bytesAhead > 60 * blockSize);
});

test('time without requests does not count', () => {
  const clock = {nowMs: 0};
  const pace = new Pace(undefined, () => clock.nowMs);
  pace.asked(20 * blockSize);
  for (let block = 0; block < 20; block++) {
    clock.nowMs += 10;
    pace.came(blockSize);
  }

  const before = pace.bytesAhead;
  clock.nowMs += 60_000;
  pace.asked(11 * blockSize);
  clock.nowMs += 110;
  pace.came(11 * blockSize);
  assert.ok(Math.abs(pace.bytesAhead - before) < before / 10);
});

test('with a limit, the limit is the expected rate', () => {
  const pace = new Pace(10 * blockSize);
  assert.equal(pace.bytesAhead, 10 * blockSize);
  pace.asked(5 * blockSize);
  assert.equal(pace.leftMs, 500);
});
