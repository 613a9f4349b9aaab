import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  errorCodes,
  isJangadaError,
  isOutOfFiles,
  isServerLost,
  isTransient,
  JangadaError,
  systemErrorCode,
  wireCodeOf,
  wireErrorCodes,
} from '../../protocol/errors.ts';

/** A system error with `code`. */
function systemError(code: string): Error {
  return Object.assign(new Error('a call failed'), {code});
}

test('a lack of descriptors is recognised in a system error, and in an error of ours with this cause', () => {
  for (const [code, isOut] of [
    ['EMFILE', true],
    ['ENFILE', true],
    ['ENOENT', false],
  ] as const) {
    const cause = systemError(code);
    assert.equal(isOutOfFiles(cause), isOut, code);
    assert.equal(isOutOfFiles(new JangadaError('local_io', 'No', {cause})), isOut, code);
  }

  assert.equal(isOutOfFiles(new JangadaError('local_io', 'No')), false);
  assert.equal(isOutOfFiles(undefined), false);
});

test('another attempt may help after four codes, and after no other error', () => {
  const transient = errorCodes.filter(code => isTransient(new JangadaError(code, '')));
  assert.deepEqual(transient, ['busy', 'timed_out', 'unreachable', 'connection_lost']);
  assert.equal(isTransient(systemError('ECONNRESET')), false);
});

test('four codes say that every other request to the server would fail, too', () => {
  const lost = errorCodes.filter(isServerLost);
  assert.deepEqual(lost, ['unauthorized', 'unreachable', 'untrusted', 'connection_lost']);
});

test('a client is told the code of an error, and that of an internal one where the code is not for it', () => {
  const told = errorCodes.map(code => wireCodeOf(new JangadaError(code, '')));
  assert.deepEqual(new Set(told), new Set(wireErrorCodes));
  assert.deepEqual(told.slice(0, wireErrorCodes.length), wireErrorCodes);
  assert.equal(wireCodeOf(new JangadaError('local_io', '')), 'internal');
  assert.equal(wireCodeOf(systemError('ENOENT')), 'internal');
  assert.equal(wireCodeOf('text'), 'internal');
});

test('an error is known by one of several codes, or as one of ours', () => {
  const error = new JangadaError('busy', 'full');
  assert.equal(isJangadaError(error), true);
  assert.equal(isJangadaError(error, 'aborted', 'busy'), true);
  assert.equal(isJangadaError(error, 'aborted'), false);
  assert.equal(isJangadaError(systemError('busy'), 'busy'), false);
  assert.equal(systemErrorCode(systemError('ENOENT')), 'ENOENT');
  assert.equal(systemErrorCode(Object.assign(new Error('x'), {code: 7})), undefined);
  assert.equal(systemErrorCode({code: 'ENOENT'}), undefined);
});

test('the few words for a narrow place are the message, unless the error has some of its own', () => {
  assert.equal(new JangadaError('busy', 'The server is full').brief, 'The server is full');
  assert.equal(new JangadaError('busy', 'The server is full', {brief: 'full'}).brief, 'full');
});
