import assert from 'node:assert/strict';
import {test} from 'node:test';
import {JangadaError} from '../../../protocol/errors.ts';
import {asBadBytes, asWireError, encodeError} from '../../../server/output/wire-error.ts';

test('a client gets no details of an internal error', () => {
  const told = asWireError(new Error('ENOENT: /home/user/secret'));
  assert.equal(told.code, 'internal');
  assert.doesNotMatch(encodeError(told).toString(), /secret/);
  assert.equal(asWireError(new JangadaError('aborted', 'left')).code, 'internal');
});

test('an error for a client keeps its code, and a very long message is cut', () => {
  const error = new JangadaError('not_found', 'x'.repeat(5000));
  assert.equal(asWireError(error), error);
  const {code, message} = JSON.parse(encodeError(error).subarray(8).toString());
  assert.deepEqual([code, message], ['not_found', 'x'.repeat(1000)]);
});

test('bytes that are not frames are a bad request', () => {
  assert.equal(asBadBytes(new JangadaError('protocol', 'no frame')).code, 'bad_request');
  assert.equal(asBadBytes(new Error('bug')).code, 'internal');
});
