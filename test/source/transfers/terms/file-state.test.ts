import assert from 'node:assert/strict';
import {test} from 'node:test';
import {mtimeMsOf, stateOf} from '../../../../source/transfers/terms/file-state.ts';

test('a file has another state once its size, one of its times or its inode is another', () => {
  const stats = {size: 1n, mtimeNs: 2n, ctimeNs: 3n, ino: 4n};
  const states = [
    stats,
    {...stats, size: 9n},
    {...stats, mtimeNs: 9n},
    {...stats, ctimeNs: 9n},
    {...stats, ino: 9n},
  ].map(stateOf);
  assert.equal(new Set(states).size, 5);
  assert.equal(stateOf({...stats}), states[0]);
});

test('a time of modification is exact to the microsecond', () => {
  assert.equal(mtimeMsOf({mtimeNs: 1_600_000_000_123_456_789n}), 1_600_000_000_123.456);
});
