import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Publisher} from '../../../../../source/transfers/queue/rows/publisher.ts';

test('a changed counter drops the old snapshot, and is reported with the next change', () => {
  let dropped = 0;
  const publisher = new Publisher(() => {
    dropped++;
  });
  const told: number[][] = [];
  publisher.subscribe(changed => told.push([...changed]));
  publisher.later(4);
  publisher.later(2);
  assert.deepEqual([dropped, told], [2, []]);
  publisher.now();
  assert.deepEqual(told, [[4, 2]]);
  publisher.now();
  assert.deepEqual(told, [[4, 2], []]);
});

test('changes are told soon, together, and no more often than a screen can show', t => {
  let nowMs = 1000;
  t.mock.method(performance, 'now', () => nowMs);
  t.mock.timers.enable({apis: ['setTimeout']});
  const pass = (ms: number) => {
    nowMs += ms;
    t.mock.timers.tick(ms);
  };
  const publisher = new Publisher(() => undefined);
  const told: number[][] = [];
  const forget = publisher.subscribe(changed => told.push([...changed]));
  publisher.soon([1]);
  publisher.soon([2, 1]);
  assert.equal(told.length, 0);
  pass(0);
  assert.deepEqual(told, [[1, 2]]);
  publisher.soon([3]);
  pass(15);
  publisher.soon([4]);
  assert.equal(told.length, 1);
  pass(1);
  assert.deepEqual(told[1], [3, 4]);
  // After a pause, at once.
  pass(100);
  assert.equal(told.length, 2);
  publisher.soon([5]);
  pass(0);
  assert.deepEqual(told[2], [5]);
  publisher.soon([6]);
  publisher.stop();
  pass(100);
  assert.equal(told.length, 3);
  forget();
  publisher.soon([7]);
  publisher.now();
  pass(100);
  assert.equal(told.length, 3);
  // What nobody listened to is no news to who listens later.
  const late: number[][] = [];
  publisher.subscribe(changed => late.push([...changed]));
  publisher.now();
  assert.deepEqual(late, [[]]);
});
