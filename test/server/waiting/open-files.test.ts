import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  connectionsWithin,
  placelessWithin,
  refuseThread,
} from '../../../server/waiting/open-files.ts';

test('there are as many connections as three descriptors for each allow, and at least one', () => {
  for (const [spare, connections] of [
    [Number.POSITIVE_INFINITY, 64],
    [193, 64],
    [192, 63],
    [7, 2],
    [6, 1],
    [0, 1],
    [-5, 1],
  ] as const) {
    assert.equal(connectionsWithin(64, spare), connections, `${spare} descriptors`);
  }
});

test('an eighth of the descriptors is for connections without a place, and at least one', () => {
  for (const [spare, connections] of [
    [Number.POSITIVE_INFINITY, 128],
    [1024, 128],
    [1023, 127],
    [16, 2],
    [7, 1],
    [-5, 1],
  ] as const) {
    assert.equal(placelessWithin(128, spare), connections, `${spare} descriptors`);
  }
});

test('a server that can never start a thread says how to give it more descriptors', () => {
  assert.throws(() => refuseThread(11), {code: 'too_large', message: /ulimit -n/});
  refuseThread(12);
});
