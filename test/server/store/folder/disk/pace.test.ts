import assert from 'node:assert/strict';
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
