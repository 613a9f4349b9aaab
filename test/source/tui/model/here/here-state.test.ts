import assert from 'node:assert/strict';
import {test} from 'node:test';
import {hereState} from '../../../../../source/tui/model/here/here-state.ts';
import {states, transfer} from '../../view/lines.ts';

test('while the queue works on a file, its state counts; afterwards the state of the disk does', () => {
  const same = {name: 'same'} as const;
  assert.deepEqual(
    states.map(row => hereState(same, row, false).name),
    [
      'queued',
      'fetching',
      'checking',
      'fetching',
      'fetching',
      'finishing',
      'same',
      'paused',
      'same',
      'same',
    ],
  );
  const failed = transfer({name: 'failed', code: 'no_space', reason: 'The disk is full'});
  assert.equal(hereState({name: 'nothing'}, failed, false).name, 'failed');
  assert.equal(hereState({name: 'partial', part: 0.5}, failed, false).name, 'failed');
});

test('received bytes change the percent, and equal states are one object', () => {
  const state = () =>
    hereState(undefined, transfer({name: 'downloading'}, {receivedBytes: 1_410_000_000}), false);
  assert.equal(state().percent, 67);
  assert.equal(state(), state());
});

test('if the disk does not answer, a file that was not checked yet is stuck', () => {
  assert.equal(hereState(undefined, undefined, true).name, 'stuck');
  assert.equal(hereState(undefined, undefined, false).name, 'unknown');
  assert.equal(hereState({name: 'alike'}, undefined, true).name, 'alike');
});
