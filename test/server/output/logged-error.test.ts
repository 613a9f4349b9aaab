import assert from 'node:assert/strict';
import {test} from 'node:test';
import {loggedError} from '../../../server/output/logged-error.ts';

test('the log gets the stack of an error and that of its cause, safe for a terminal', () => {
  const cause = new TypeError('why\u001b[2J');
  const {error, cause: reason} = loggedError(new Error('what\u001b[2J', {cause}));
  assert.match(error, /^Error: what\\x1b\[2J.*logged-error\.test/s);
  assert.match(String(reason), /^TypeError: why\\x1b\[2J.*logged-error\.test/s);
  const bare = Object.assign(new Error('no stack'), {stack: undefined});
  assert.deepEqual(loggedError(bare), {error: 'no stack'});
  assert.deepEqual(loggedError('text\n'), {error: 'text\\x0a'});
  assert.deepEqual(loggedError(new Error('x', {cause: 5})).cause, '5');
});
