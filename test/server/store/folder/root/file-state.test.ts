import assert from 'node:assert/strict';
import {test} from 'node:test';
import {isFresh} from '../../../../../server/store/folder/root/file-state.ts';

const nowMs = 1_700_000_000_000;
const ns = (ms: number) => BigInt(ms) * 1_000_000n;

for (const [what, mtimeMs, ctimeMs, expected] of [
  ['that was written long ago', nowMs - 60_000, nowMs - 60_000, false],
  ['that was written just now', nowMs - 100, nowMs - 100, true],
  ['that was written just now, and given an old time', 0, nowMs - 100, true],
  ['whose time lies in the future', nowMs + 60_000, nowMs - 60_000, true],
] as const) {
  test(`a file ${what} ${expected ? 'may' : 'cannot'} change unseen`, () => {
    const state = {dev: 1n, ino: 1n, nlink: 1n, size: 1n, mtimeNs: ns(mtimeMs)};
    assert.equal(isFresh({...state, ctimeNs: ns(ctimeMs)}, nowMs), expected);
  });
}
