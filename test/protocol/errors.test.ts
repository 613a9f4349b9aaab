import assert from 'node:assert/strict';
import {test} from 'node:test';
import {isOutOfFiles, JangadaError} from '../../protocol/errors.ts';

/** An error of the system with `code`. */
function systemError(code: string): Error {
  return Object.assign(new Error('a call failed'), {code});
}

test('a call that found no descriptor is known by its own error, and by one of ours that it caused', () => {
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
