import assert from 'node:assert/strict';
import {test} from 'node:test';
import {isOutOfFiles, JangadaError} from '../../protocol/errors.ts';

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
