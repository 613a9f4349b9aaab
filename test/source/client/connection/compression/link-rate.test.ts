import assert from 'node:assert/strict';
import {test} from 'node:test';
import {LinkRate} from '../../../../../source/client/connection/compression/link-rate.ts';

/** A rate whose clock advances by 10 ms before each read of `bytes`. */
function steppedRate() {
  let nowMs = 0;
  const rate = new LinkRate(() => nowMs);
  const came = (reads: number, bytes: number) => {
    for (let read = 0; read < reads; read++) {
      nowMs += 10;
      rate.came(bytes);
    }
  };
  const wait = (ms: number) => {
    nowMs += ms;
  };
  return {rate, came, wait};
}

test('the rate is known after 50 ms, and leaves out the first bytes', () => {
  const {rate, came} = steppedRate();
  using _due = rate.due();
  came(1, 1_000_000);
  came(4, 100_000);
  assert.equal(rate.bytesPerSecond, undefined);
  came(1, 100_000);
  assert.equal(rate.bytesPerSecond, 10_000_000);
});

test('the time before the first bytes, and the time in which no bytes are due, do not count', () => {
  const {rate, came, wait} = steppedRate();
  const first = rate.due();
  wait(300);
  came(6, 100_000);
  assert.equal(rate.bytesPerSecond, 10_000_000);
  came(20, 100_000);
  first[Symbol.dispose]();
  wait(10_000);
  using _second = rate.due();
  came(30, 100_000);
  assert.equal(rate.bytesPerSecond, 10_000_000);
});

test('bytes of several connections count together', () => {
  const {rate, came, wait} = steppedRate();
  const first = rate.due();
  using _second = rate.due();
  came(3, 100_000);
  // A connection that has nothing more to fetch does not end the measurement.
  first[Symbol.dispose]();
  wait(20);
  came(1, 300_000);
  assert.equal(rate.bytesPerSecond, 10_000_000);
});

test('a burst after this machine was busy does not make the link fast', () => {
  const {rate, came, wait} = steppedRate();
  using _due = rate.due();
  came(6, 100_000);
  wait(200);
  came(1, 100_000);
  came(1, 2_000_000);
  came(60, 100_000);
  assert.ok((rate.bytesPerSecond ?? 0) < 20_000_000, `${rate.bytesPerSecond}`);
});

test('a link that waits for this side counts as fast, until it no longer waits', () => {
  const {rate, came} = steppedRate();
  using _due = rate.due();
  came(1, 1);
  rate.heldUp();
  came(5, 100_000);
  assert.equal(rate.bytesPerSecond, 100_000_000);
  came(75, 100_000);
  assert.ok((rate.bytesPerSecond ?? 0) < 25_000_000, `${rate.bytesPerSecond}`);
});

test('no link counts as faster than 1 GB a second, so that the average soon follows a slower one', () => {
  const {rate, came} = steppedRate();
  using _due = rate.due();
  came(1, 1);
  came(5, 1_000_000_000);
  assert.equal(rate.bytesPerSecond, 1_000_000_000);
});

test('a rate that is known is the average with each quarter of a second', () => {
  const {rate, came} = steppedRate();
  using _due = rate.due();
  came(6, 100_000);
  came(24, 200_000);
  assert.equal(rate.bytesPerSecond, 10_000_000);
  came(1, 200_000);
  assert.equal(rate.bytesPerSecond, 15_000_000);
});
