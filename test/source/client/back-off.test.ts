import assert from 'node:assert/strict';
import {test} from 'node:test';
import {backOffMs} from '../../../source/client/back-off.ts';
import {RateLimiter} from '../../../source/client/connection/rate-limiter.ts';
import {ReceiveBuffers} from '../../../source/client/connection/receive-buffers.ts';

test('the wait doubles from half a second to half a minute, with jitter', () => {
  const waits = (random: number) =>
    [0, 1, 2, 3, 4, 5, 50].map(attempt => backOffMs(attempt, {random: () => random}));
  assert.deepEqual(waits(0), [500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  assert.deepEqual(waits(1), [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test('different clients wait for different times', () => {
  const waits = Array.from({length: 100}, () => backOffMs(0));
  assert.ok(new Set(waits).size > 50);
  assert.ok(waits.every(waitMs => waitMs >= 500 && waitMs <= 1000));
});

test('a rate limiter keeps its rate over any time', () => {
  let nowMs = 0;
  const limiter = new RateLimiter(1_000_000, () => nowMs);
  let bytes = 0;
  while (nowMs < 10_000) {
    bytes += 65_536;
    nowMs += limiter.spend(65_536);
  }

  assert.ok(Math.abs(bytes - 10_000_000) < 200_000, `${bytes} bytes in 10 s`);
});

test('without a limit, sending needs no wait', () => {
  assert.equal(new RateLimiter(undefined).spend(1e12), 0);
});

test('a block pool never lends more than its budget, and wakes waiting callers in turn', () => {
  const pool = new ReceiveBuffers(2);
  const [first, second] = [pool.take(), pool.take()];
  assert.ok(first && second);
  assert.equal(pool.take(), undefined);
  const woken: string[] = [];
  const withdraw = pool.onFree(() => woken.push('withdrawn'));
  pool.onFree(() => woken.push('a'));
  pool.onFree(() => woken.push('b'));
  withdraw();
  pool.give(first);
  assert.deepEqual(woken, ['a']);
  pool.give(second);
  assert.deepEqual(woken, ['a', 'b']);
});
