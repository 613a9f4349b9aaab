import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {setImmediate as nextTurn} from 'node:timers/promises';
import {giveMemoryBack} from '../../source/memory-budget.ts';
import {growYoung, youngMiB} from '../fixtures/young-generation.ts';

suite('memory that is given back', () => {
  test('is that of the young generation, which can then grow again as far as its bound', async () => {
    for (let round = 0; round < 3; round++) {
      growYoung(16);
      // It is told of collections in a later turn, and bounded then.
      await nextTurn();
      await nextTurn();
      giveMemoryBack();
      assert.ok(youngMiB() < 2, `${youngMiB()} MiB`);
    }
  });
});
