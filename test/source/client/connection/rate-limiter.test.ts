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

test('a tenth of a second is all that can be saved up', () => {
  let nowMs = 0;
  const limiter = new RateLimiter(1000, () => nowMs);
  nowMs += 3_600_000;
  assert.equal(limiter.spend(100), 0);
  assert.equal(limiter.spend(50), 50);
  nowMs += 60;
  assert.equal(limiter.spend(10), 0);
});

test('as much is read at once as comes in an eighth of a second, and half a kilobyte at least', () => {
  assert.equal(new RateLimiter(undefined).portion, undefined);
  assert.equal(new RateLimiter(800_001).portion, 100_001);
  assert.equal(new RateLimiter(4096).portion, 512);
  assert.equal(new RateLimiter(1).portion, 512);
});

test('a wait that is longer than any timer is as long as a timer can be', t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  let times = 0;
  new RateLimiter(1).wait(1e12, () => times++);
  t.mock.timers.tick(2_147_483_646);
  assert.equal(times, 0);
  t.mock.timers.tick(1);
  assert.equal(times, 1);
});

test('a wait whose time has passed is over: a new limit does not end it again', t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const limiter = new RateLimiter(1);
  let times = 0;
  limiter.wait(1000, () => times++);
  t.mock.timers.tick(1000);
  limiter.bytesPerSecond = 2;
  assert.equal(times, 1);
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
