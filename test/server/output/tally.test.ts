import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Tally} from '../../../server/output/tally.ts';

test('the first event is reported at once, the following ones together, and each is counted once', t => {
  const {timers} = t.mock;
  timers.enable({apis: ['setInterval']});
  const told: number[] = [];
  const tally = new Tally(1000, count => told.push(count));
  tally.add();
  assert.deepEqual(told, [1]);
  for (let more = 0; more < 50; more++) {
    tally.add();
  }

  timers.tick(999);
  assert.deepEqual(told, [1]);
  timers.tick(1);
  assert.deepEqual(told, [1, 50]);
  // After an interval without events, the next one is reported at once again.
  timers.tick(5000);
  tally.add();
  assert.deepEqual(told, [1, 50, 1]);
  tally.add();
  tally.close();
  assert.deepEqual(told, [1, 50, 1, 1]);
  timers.tick(5000);
  tally.close();
  assert.deepEqual(told, [1, 50, 1, 1]);
});
