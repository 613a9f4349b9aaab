import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Connection} from '../../../../source/client/connection/connection.ts';
import {RateLimiter} from '../../../../source/client/connection/rate-limiter.ts';
import {startHarness} from '../../../fixtures/harness.ts';

test('all who share a limiter wait for the bytes above its limit', () => {
  let nowMs = 0;
  const limiter = new RateLimiter(1000, () => nowMs);
  assert.equal(limiter.spend(500), 500);
  assert.equal(limiter.spend(500), 1000);
  nowMs += 1000;
  assert.equal(limiter.spend(0), 0);
  limiter.bytesPerSecond = undefined;
  assert.equal(limiter.spend(1_000_000), 0);
});

test('a new limit ends each wait at once and only once, except a wait that was cancelled', () => {
  const limiter = new RateLimiter(1);
  const gone: string[] = [];
  // Also longer than the longest possible timer.
  limiter.wait(3_600_000, () => gone.push('a'));
  limiter.wait(1e12, () => gone.push('b'));
  limiter.wait(3_600_000, () => gone.push('c'))();
  limiter.bytesPerSecond = 1;
  assert.deepEqual(gone, []);
  limiter.bytesPerSecond = 10;
  assert.deepEqual(gone, ['a', 'b']);
  limiter.bytesPerSecond = undefined;
  assert.deepEqual(gone, ['a', 'b']);
});

test('debts from before a new limit do not count', () => {
  const limiter = new RateLimiter(1000, () => 0);
  limiter.spend(100_000);
  limiter.bytesPerSecond = 2000;
  assert.equal(limiter.spend(1000), 500);
});

test('a limit holds for small frames, too', async t => {
  const {client} = await startHarness(t);
  const bytesPerSecond = 4000;
  const connection = await Connection.open(client.address, {
    limiter: new RateLimiter(bytesPerSecond),
  });
  t.after(() => connection.close());
  const pongs = 600;
  const startMs = performance.now();
  await new Promise<void>((resolve, reject) => {
    let left = pongs;
    for (let ping = 0; ping < pongs; ping++) {
      const control = () => {
        left--;
        if (left === 0) {
          resolve();
        }

        return true;
      };
      connection.request('ping', {}, {control, failed: reject});
    }
  });
  // 10 bytes each, minus the bytes that may be saved up or arrive together.
  const leastMs = ((pongs * 10 - 1500) / bytesPerSecond) * 1000;
  const ms = performance.now() - startMs;
  assert.ok(ms >= leastMs, `${ms} ms`);
});
