import assert from 'node:assert/strict';
import {test} from 'node:test';
import {LastLooks} from '../../../../../source/tui/model/here/last-looks.ts';
import {path} from '../../../../fixtures/harness.ts';

test('the end of an earlier look does not end the wait for a later one', async () => {
  let ended = 0;
  const looks = new LastLooks(() => ended++);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  looks.begin(path('a'), first.promise);
  looks.begin(path('a'), second.promise);
  first.resolve();
  await first.promise;
  assert.deepEqual([looks.has(path('a')), ended], [true, 0]);
  second.resolve();
  await second.promise;
  assert.deepEqual([looks.has(path('a')), ended], [false, 1]);
});
