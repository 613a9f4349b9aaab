import assert from 'node:assert/strict';
import {test} from 'node:test';
import {UndoSteps} from '../../../../source/transfers/queue/undo-steps.ts';
import type {UndoStep} from '../../../../source/transfers/terms/undo-step.ts';

test('without a database the last hundred steps of this process are kept, the newest first', () => {
  const steps = new UndoSteps(undefined, 'server:1');
  for (let id = 0; id < 103; id++) {
    steps.push({did: 'cancel', ids: [id], deletedBytes: 0});
  }

  const taken = Array.from({length: 101}, () => steps.pop()?.ids[0]);
  assert.deepEqual([taken.at(0), taken.at(-2), taken.at(-1)], [102, 3, undefined]);
});

test('a step that could not be stored is stored before the next one, so that the newest is undone first', () => {
  const stored: UndoStep[] = [];
  let faults = 1;
  const memory = {
    add(_server: string, step: UndoStep) {
      if (faults-- > 0) {
        throw new Error('busy');
      }

      stored.push(step);
    },
    take: () => stored.pop(),
  };
  const steps = new UndoSteps(memory, 'server:1');
  const step = (id: number): UndoStep => ({did: 'cancel', ids: [id], deletedBytes: 0});
  steps.push(step(1));
  steps.push(step(2));
  assert.deepEqual(stored, [step(1), step(2)]);
  assert.deepEqual([steps.pop(), steps.pop(), steps.pop()], [step(2), step(1), undefined]);
});
