import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  type FileState,
  isFresh,
  isSameState,
  mtimeMsOf,
  stateKeyOf,
  versionOf,
} from '../../../../../server/store/folder/root/file-state.ts';

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

test('two seconds after a change, another one can no longer go unnoticed', () => {
  const state = {dev: 1n, ino: 1n, nlink: 1n, size: 1n, mtimeNs: 0n};
  const changedAt = (ctimeNs: bigint) => isFresh({...state, ctimeNs}, nowMs);
  assert.equal(changedAt(ns(nowMs - 2000)), false);
  assert.equal(changedAt(ns(nowMs - 2000) + 1n), true);
});

test('times are truncated to the microsecond, before 1970 as after it', () => {
  const cases: [mtimeNs: bigint, mtimeMs: number][] = [
    [0n, 0],
    [999n, 0],
    [1000n, 0.001],
    [1_999_999n, 1.999],
    [-1n, -0.001],
    [-1000n, -0.001],
    [-1001n, -0.002],
    [1_700_000_000_123_456_999n, 1_700_000_000_123.456],
  ];
  for (const [mtimeNs, mtimeMs] of cases) {
    assert.equal(mtimeMsOf({mtimeNs}), mtimeMs, `${mtimeNs}`);
  }
});

const old: FileState = {dev: 1n, ino: 2n, nlink: 1n, size: 3n, mtimeNs: 4n, ctimeNs: 5n};

test('a version is the same on every server of a file, and differs by size or time alone', () => {
  const alike = {dev: 9n, ino: 9n, nlink: 9n, ctimeNs: 9n};
  assert.equal(versionOf({...old, ...alike}), versionOf(old));
  for (const change of [{size: 4n}, {mtimeNs: 5n}, {size: 4n, mtimeNs: 3n}]) {
    assert.notEqual(versionOf({...old, ...change}), versionOf(old));
  }

  assert.equal(versionOf({size: 36n, mtimeNs: 37n}), '10-11');
});

test('digests are of another state after any change, and of the same one on another machine', () => {
  for (const change of [{ino: 9n}, {size: 9n}, {mtimeNs: 9n}, {ctimeNs: 9n}]) {
    assert.notEqual(stateKeyOf({...old, ...change}), stateKeyOf(old));
  }

  assert.equal(stateKeyOf({...old, dev: 9n}), stateKeyOf(old));
});

test('an open file has changed with its size or time, or once it has lost its last name', () => {
  assert.equal(isSameState(old, {...old, ctimeNs: 9n, nlink: 2n}), true);
  assert.equal(isSameState(old, {...old, size: 9n}), false);
  assert.equal(isSameState(old, {...old, mtimeNs: 9n}), false);
  assert.equal(isSameState({...old, nlink: 2n}, {...old, nlink: 1n}), true);
  assert.equal(isSameState(old, {...old, nlink: 0n}), false);
  // Some file systems count no names.
  assert.equal(isSameState({...old, nlink: 0n}, {...old, nlink: 0n}), true);
});
