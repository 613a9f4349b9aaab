import assert from 'node:assert/strict';
import type {Buffer} from 'node:buffer';
import fs from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {Pace} from '../../../../../server/store/folder/disk/pace.ts';

function openPace(t: TestContext, isRemote: boolean) {
  let nowMs = 1000;
  t.mock.method(performance, 'now', () => nowMs);
  const slowCalls: number[] = [];
  const pace = new Pace(isRemote, ms => slowCalls.push(ms));
  t.after(() => pace.close());
  return {
    pace,
    slowCalls,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('a disk counts as slow for 30 s after its last slow call, and is reported once', async t => {
  const {pace, slowCalls, pass} = openPace(t, false);
  await pace.timedLater(async () => pass(250));
  assert.equal(pace.slow, false);
  await pace.timedLater(async () => pass(251));
  assert.equal(pace.slow, true);
  pass(20_000);
  await pace.timedLater(async () => pass(1000));
  pass(29_999);
  assert.equal(pace.slow, true);
  pass(1);
  assert.equal(pace.slow, false);
  assert.deepEqual(slowCalls, [251]);
});

test('a network disk always counts as slow, however long ago its last slow call was', async t => {
  const {pace, slowCalls, pass} = openPace(t, true);
  await pace.timedLater(async () => pass(1000));
  pass(3_600_000);
  assert.equal(pace.slow, true);
  assert.deepEqual(slowCalls, []);
});

test('a file can be closed after the store, without an error', () => {
  const pace = new Pace(false, () => {});
  pace.close();
  assert.equal(
    pace.timed(() => 'closed'),
    'closed',
  );
});

/** Let the system tell how long this thread has waited for a processor, in milliseconds. */
function fakeDelay(t: TestContext): (ms: number) => void {
  let waitedMs = 0;
  const {readSync} = fs;
  const read = (_descriptor: number, buffer: Buffer) =>
    buffer.write(`987654321000 ${waitedMs * 1e6} 77\n`, 'latin1');
  fs.readSync = Object.assign(read, readSync);
  syncBuiltinESMExports();
  t.after(() => {
    fs.readSync = readSync;
    syncBuiltinESMExports();
  });
  return ms => {
    waitedMs += ms;
  };
}

test('a call of the serving thread is slow beyond 50 ms, also if it fails', t => {
  const {pace, slowCalls, pass} = openPace(t, false);
  fakeDelay(t);
  pace.timed(() => pass(50));
  assert.equal(pace.slow, false);
  assert.throws(
    () =>
      pace.timed(() => {
        pass(51);
        throw new RangeError('of the call');
      }),
    RangeError,
  );
  assert.equal(pace.slow, true);
  assert.deepEqual(slowCalls, [51]);
});

test('the time in which a thread waits for a processor does not count as time of the disk', {
  skip: process.platform === 'linux' ? false : 'only Linux tells this time',
}, t => {
  const {pace, slowCalls, pass} = openPace(t, false);
  const wait = fakeDelay(t);
  // What it has waited before does not count for the call.
  wait(1000);
  pass(1000);
  pace.timed(() => {
    pass(90);
    wait(60);
  });
  assert.deepEqual([pace.slow, slowCalls], [false, []]);
  pass(1000);
  pace.timed(() => {
    pass(90);
    wait(30);
  });
  assert.deepEqual([pace.slow, slowCalls], [true, [60]]);
});

test('a disk counts as slow as long as a call hangs, and is told of while it hangs', async t => {
  const {pace, slowCalls, pass} = openPace(t, false);
  const {promise, resolve} = Promise.withResolvers<void>();
  const hanging = pace.timedLater(() => promise);
  pass(250);
  assert.equal(pace.slow, false);
  pass(1);
  assert.equal(pace.slow, true);
  // A later call is not the one that hangs for longest.
  const later = pace.timedLater(() => promise);
  assert.deepEqual(slowCalls, [251]);
  pass(100_000);
  assert.equal(pace.slow, true);
  resolve();
  await Promise.all([hanging, later]);
  pass(29_999);
  assert.equal(pace.slow, true);
  pass(1);
  assert.equal(pace.slow, false);
});

test('a call that fails in another thread no longer counts as hanging', async t => {
  const {pace, pass} = openPace(t, false);
  const failing = pace.timedLater(async () => {
    throw new RangeError('of the call');
  });
  await assert.rejects(failing, RangeError);
  pass(1000);
  assert.equal(pace.slow, false);
});
