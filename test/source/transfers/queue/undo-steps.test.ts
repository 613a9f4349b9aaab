import assert from 'node:assert/strict';
import {test} from 'node:test';
import {UndoSteps} from '../../../../source/transfers/queue/undo-steps.ts';

test('without a database the last hundred steps of this process are kept, the newest first', () => {
  const steps = new UndoSteps(undefined, 'server:1');
  for (let id = 0; id < 103; id++) {
    steps.push({did: 'cancel', ids: [id], deletedBytes: 0});
  }

  const taken = Array.from({length: 101}, () => steps.pop()?.ids[0]);
  assert.deepEqual([taken.at(0), taken.at(-2), taken.at(-1)], [102, 3, undefined]);
});
