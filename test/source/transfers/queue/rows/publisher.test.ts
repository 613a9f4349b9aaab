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
