import assert from 'node:assert/strict';
import {test} from 'node:test';
import {JangadaError} from '../../../../protocol/errors.ts';
import {describeFailure} from '../../../../source/transfers/terms/failure.ts';
import {isSystemError, localError} from '../../../../source/transfers/terms/local-error.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: of the system`), {code});
}

/** Errors of the system, the codes that they become, and what the user reads. */
const table: ReadonlyArray<[string, string, RegExp]> = [
  ['ENOSPC', 'no_space', /the disk is full; make room and try again$/],
  ['EDQUOT', 'no_space', /the quota is used up; make room and try again$/],
  ['EACCES', 'local_io', /permission denied$/],
  ['EPERM', 'local_io', /not permitted$/],
  ['EROFS', 'local_io', /read-only$/],
  ['ENOENT', 'local_io', /does not exist$/],
  ['EISDIR', 'unsafe_target', /it is a folder$/],
  ['ENOTDIR', 'unsafe_target', /has to be a folder$/],
  ['ELOOP', 'unsafe_target', /symbolic link/],
  ['EEXIST', 'exists', /exists already$/],
  ['ENAMETOOLONG', 'local_io', /name is too long/],
  ['EFBIG', 'local_io', /larger than this disk can hold$/],
  ['EMFILE', 'local_io', /raise the limit \(ulimit -n\)$/],
  ['ENFILE', 'local_io', /on this machine$/],
  ['EIO', 'local_io', /the disk reports an error$/],
  ['ESTALE', 'local_io', /: ESTALE$/],
];

for (const [code, kind, words] of table) {
  test(`an error ${code} of the disk is ${kind}, names the file, and says what it means`, () => {
    const cause = systemError(code);
    const error = localError(cause, '/to/a\u001b[1m');
    assert.equal(error.code, kind);
    assert.match(error.message, words);
    assert.ok(error.message.startsWith('/to/a'));
    assert.ok(!error.message.includes('\u001b'));
    assert.equal(error.cause, cause);
  });
}

test('an error without a code is one of the disk, and an error in words stays as it is', () => {
  assert.equal(localError(new Error('odd'), '/to/a').message, '/to/a: it failed');
  const said = new JangadaError('exists', 'a exists');
  assert.equal(localError(said, '/to/b'), said);
});

test('a system error is recognised by each of the codes that are asked for', () => {
  const error = systemError('EPERM');
  assert.ok(isSystemError(error, 'EACCES', 'EPERM'));
  assert.ok(!isSystemError(error, 'EACCES'));
  assert.ok(!isSystemError(new Error('EPERM'), 'EPERM'));
});

test('a failed transfer keeps the code and the sentence of its error; any other error is internal', () => {
  const failures: ReadonlyArray<[unknown, object]> = [
    [new JangadaError('not_found', 'gone'), {code: 'not_found', reason: 'gone'}],
    [new TypeError('no function'), {code: 'internal', reason: 'no function'}],
    ['text', {code: 'internal', reason: 'Something went wrong'}],
  ];
  for (const [error, described] of failures) {
    assert.deepEqual(describeFailure(error), described);
  }
});
