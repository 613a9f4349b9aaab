import assert from 'node:assert/strict';
import {existsSync, readFileSync} from 'node:fs';
import {test} from 'node:test';
import {RunDelay} from '../../../../../server/store/folder/disk/run-delay.ts';

const file = '/proc/thread-self/schedstat';

function waitedMs(): number {
  return Number(readFileSync(file, 'utf8').split(' ')[1]) / 1e6;
}

test('the delay is the time that the system tells for this thread, and none after closing', {
  skip: existsSync(file) ? false : 'the system does not tell it',
}, () => {
  const delay = new RunDelay();
  for (let time = 0; time < 3; time++) {
    const before = waitedMs();
    const {ms} = delay;
    assert.ok(before <= ms && ms <= waitedMs(), `${before} ${ms}`);
  }

  delay.close();
  delay.close();
  assert.equal(delay.ms, 0);
});
