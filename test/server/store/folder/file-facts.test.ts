import assert from 'node:assert/strict';
import {test} from 'node:test';
import {FileFacts} from '../../../../server/store/folder/file-facts.ts';

class Facts extends FileFacts {}

test('whether a file has just changed is decided at the time of the look at it', t => {
  const nowMs = 1_700_000_000_000;
  t.mock.timers.enable({apis: ['Date'], now: nowMs});
  const timeNs = BigInt(nowMs - 1000) * 1_000_000n;
  const state = {dev: 1n, ino: 2n, nlink: 1n, size: 3n, mtimeNs: timeNs, ctimeNs: timeNs};
  const early = new Facts('a', state);
  t.mock.timers.tick(10_000);
  const late = new Facts('a', state);
  assert.equal(early.state, undefined);
  assert.equal(typeof late.state, 'string');
});
