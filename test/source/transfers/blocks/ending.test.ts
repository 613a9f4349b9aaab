import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {Ending} from '../../../../source/transfers/blocks/ending.ts';

/** The clock of the process, which a test sets. */
function holdClock(t: TestContext, nowMs: number): {nowMs: number} {
  const clock = {nowMs};
  t.mock.method(performance, 'now', () => clock.nowMs);
  return clock;
}

test('work has no time limit before the ending begins, and then the given one, less the time since', t => {
  const clock = holdClock(t, 5000);
  const ending = new Ending();
  assert.deepEqual([ending.begun, ending.leftMs], [false, Number.POSITIVE_INFINITY]);
  ending.begin(2000);
  assert.deepEqual([ending.begun, ending.leftMs], [true, 2000]);
  clock.nowMs += 1500;
  assert.equal(ending.leftMs, 500);
  clock.nowMs += 1500;
  assert.equal(ending.leftMs, -1000);
});

test('an ending that has begun is not begun again: its time limit stays, and nobody is called twice', t => {
  const clock = holdClock(t, 0);
  const ending = new Ending();
  let calls = 0;
  ending.onBegin(() => calls++);
  ending.begin(0);
  clock.nowMs += 100;
  ending.begin(60_000);
  assert.deepEqual([ending.leftMs, calls], [-100, 1]);
});

test('a listener is called when the ending begins, at once if it has begun, and not after it was removed', () => {
  const ending = new Ending();
  const called: string[] = [];
  const forget = ending.onBegin(() => called.push('removed'));
  ending.onBegin(() => called.push('early'));
  forget();
  assert.equal(called.length, 0);
  ending.begin(1000);
  assert.deepEqual(called, ['early']);
  ending.onBegin(() => called.push('late'));
  assert.deepEqual(called, ['early', 'late']);
});
