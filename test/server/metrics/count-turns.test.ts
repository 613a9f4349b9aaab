import assert from 'node:assert/strict';
import {test} from 'node:test';
import {countTurns} from '../../../server/metrics/count-turns.ts';
import {FairQueue} from '../../../server/waiting/fair-queue.ts';

test('a turn counts once while it waits and once while it runs, and not once it is given up or back', async () => {
  const counts = {waiting: 0, running: 0};
  const turns = countTurns(new FairQueue({total: 1, perKey: 1}), counts);
  const leave = await turns.enter('a', new AbortController().signal);
  assert.deepEqual(counts, {waiting: 0, running: 1});
  const stop = new AbortController();
  const givesUp = turns.enter('a', stop.signal);
  const waits = turns.enter('b', new AbortController().signal);
  assert.deepEqual(counts, {waiting: 2, running: 1});
  stop.abort();
  await assert.rejects(givesUp, {code: 'aborted'});
  assert.deepEqual(counts, {waiting: 1, running: 1});
  leave();
  leave();
  const leaveSecond = await waits;
  assert.deepEqual(counts, {waiting: 0, running: 1});
  leaveSecond();
  assert.deepEqual(counts, {waiting: 0, running: 0});
});
