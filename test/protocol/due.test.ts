import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Due} from '../../protocol/due.ts';

test('a due time is reported once, and again after each further interval', () => {
  let nowMs = 1000;
  const due = new Due(100, () => nowMs);
  const passedAt: number[] = [];
  for (; nowMs <= 1500; nowMs += 30) {
    if (due.passed()) {
      passedAt.push(nowMs);
    }
  }

  assert.deepEqual(passedAt, [1120, 1240, 1360, 1480]);
  nowMs = 1570;
  due.restart();
  nowMs = 1669;
  assert.equal(due.passed(), false);
  nowMs = 1670;
  assert.equal(due.passed(), true);
});
