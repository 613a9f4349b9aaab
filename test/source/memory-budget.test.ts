import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {setImmediate as nextTurn} from 'node:timers/promises';
import {giveMemoryBack} from '../../source/memory-budget.ts';
import {growYoung, youngMiB} from '../fixtures/young-generation.ts';

suite('memory that is given back', () => {
  test('comes from the young generation, which can then grow again up to its bound', async () => {
    for (let round = 0; round < 3; round++) {
      growYoung(16);
      // Node reports garbage collections in a later turn; only then is the bound set.
      await nextTurn();
      await nextTurn();
      giveMemoryBack();
      assert.ok(youngMiB() < 2, `${youngMiB()} MiB`);
    }
  });
});
