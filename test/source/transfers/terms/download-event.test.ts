import assert from 'node:assert/strict';
import {test} from 'node:test';
import {arrivedBytes} from '../../../../source/transfers/terms/download-event.ts';

for (const [what, receivedBytes, verifiedBytes, size, shown] of [
  ['bytes that are not verified yet count', 7, 4, 10, 7],
  ['all have come: those that are verified count alone', 10, 9, 10, 9],
  ['all are verified: it is the whole file', 10, 10, 10, 10],
  ['received bytes were lost: verified ones stay', 3, 5, 10, 5],
  ['a file whose size is not known', 7, 4, undefined, 7],
] as const) {
  test(`bytes to show for a running file: ${what}`, () => {
    assert.equal(arrivedBytes({receivedBytes, verifiedBytes, size}), shown);
  });
}
