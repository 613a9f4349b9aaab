import assert from 'node:assert/strict';
import {test} from 'node:test';
import {describeListenError} from '../../server/listen-errors.ts';

test('why a server cannot listen is said with what to do', () => {
  for (const [code, message] of [
    ['EADDRINUSE', /^Port 80 of h\\x1b is in use; .* with --port \(0: any free one\)$/],
    ['EACCES', /^You may not listen on port 80; choose one above 1023 with --port$/],
    ['EADDRNOTAVAIL', /^h\\x1b is not an address of this machine; .* with --host$/],
    ['ENOTFOUND', /^The name h\\x1b has no address; check --host$/],
    ['EAI_AGAIN', /^The name h\\x1b has no address; check --host$/],
    ['EMFILE', /^The server cannot start: too many$/],
  ] as const) {
    const error = Object.assign(new Error('too many'), {code, syscall: 'listen'});
    const described = describeListenError(error, {host: 'h\u001b', port: 80});
    assert.match(described.message, message);
    assert.equal(described.cause, error);
  }

  assert.equal(describeListenError('odd', {host: 'h', port: 80}).message, 'odd');
});
