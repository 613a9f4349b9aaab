import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  checkLimits,
  connectionsOf,
  defaultLimits,
  lanesFor,
} from '../../../../source/transfers/terms/limits.ts';

const mebibyte = 1_048_576;

test('limits at their ends are taken, and one beyond is refused with the numbers that are right', () => {
  checkLimits({files: 1, connectionsPerFile: 16, bytesPerSecond: 1});
  checkLimits({files: 16, connectionsPerFile: 1, bytesPerSecond: undefined});
  checkLimits({bytesPerSecond: Number.MAX_SAFE_INTEGER});
  checkLimits({});
  for (const [limits, message] of [
    [{files: 0}, 'Invalid value 0 for files: use a whole number from 1 to 16'],
    [{files: 17}, 'Invalid value 17 for files: use a whole number from 1 to 16'],
    [
      {connectionsPerFile: 17},
      'Invalid value 17 for connectionsPerFile: use a whole number from 1 to 16',
    ],
    [
      {connectionsPerFile: 2.5},
      'Invalid value 2.5 for connectionsPerFile: use a whole number from 1 to 16',
    ],
    [{bytesPerSecond: 0}, 'Invalid value 0 for bytesPerSecond: use a whole number at least 1'],
    [{bytesPerSecond: 0.5}, 'Invalid value 0.5 for bytesPerSecond: use a whole number at least 1'],
    [
      {bytesPerSecond: 2 ** 53},
      `Invalid value ${2 ** 53} for bytesPerSecond: use a whole number at least 1`,
    ],
  ] as const) {
    assert.throws(() => checkLimits(limits), {code: 'usage', message});
  }

  // From a program that does not check its types.
  const none: object = {files: undefined};
  assert.throws(() => checkLimits(none), {code: 'usage', message: /^Invalid value undefined/});
});

test('there are as many connections as files at once, or as one file may have, whichever is more', () => {
  assert.equal(connectionsOf({...defaultLimits, files: 8, connectionsPerFile: 2}), 8);
  assert.equal(connectionsOf({...defaultLimits, files: 2, connectionsPerFile: 8}), 8);
  const limits = {...defaultLimits, files: 8, connectionsPerFile: 4};
  assert.equal(lanesFor(limits, 2, 2 ** 40), 4);
  assert.equal(lanesFor(limits, 4, 2 ** 40), 2);
  // Before anything runs, too.
  assert.equal(lanesFor(limits, 0, 2 ** 40), 4);
});

test('a further connection is used for each 32 MiB of a file', () => {
  for (const [size, lanes] of [
    [64 * mebibyte - 1, 1],
    [64 * mebibyte, 2],
    [96 * mebibyte - 1, 2],
    [96 * mebibyte, 3],
  ] as const) {
    assert.equal(lanesFor(defaultLimits, 1, size), lanes, `${size}`);
  }
});
