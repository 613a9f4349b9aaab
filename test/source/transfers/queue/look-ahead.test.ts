import assert from 'node:assert/strict';
import {test} from 'node:test';
import {LookAhead} from '../../../../source/transfers/queue/look-ahead.ts';

/** What is asked for beyond one more, at these times in milliseconds. */
function beyondOne(times: readonly number[]): number[] {
  let now = 0;
  const lookAhead = new LookAhead(() => now);
  return times.map(time => {
    now = time;
    return lookAhead.beyond(1);
  });
}

test('what takes long is asked for by itself', () => {
  assert.deepEqual(beyondOne([0, 5000, 10_000, 10_900]), [0, 0, 0, 0]);
});

test('what begins together says nothing of how long it takes', () => {
  assert.deepEqual(beyondOne([0, 1, 1, 2]), [0, 0, 0, 0]);
});

test('what takes a moment is asked for in larger and larger lots, within bounds', () => {
  const times = Array.from({length: 12}, (_, index) => index * 100);
  const counts = beyondOne(times);
  assert.deepEqual(counts.slice(0, 5), [0, 1, 4, 16, 64]);
  assert.equal(counts.at(-1), 2048);
});

test('a lot that lasts about a second is right, one that lasts longer is too large', () => {
  assert.deepEqual(
    beyondOne([0, 100, 200, 300, 1100, 2500, 4100, 8000]),
    [0, 1, 4, 16, 16, 16, 4, 1],
  );
});
