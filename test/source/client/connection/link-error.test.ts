import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parseAddress} from '../../../../protocol/address.ts';
import {JangadaError} from '../../../../protocol/errors.ts';
import {
  ofKnownServer,
  ungreeted,
  unreachable,
  wayError,
} from '../../../../source/client/connection/link-error.ts';

const address = parseAddress('jangada://h:7');

function systemError(code?: string): NodeJS.ErrnoException {
  return Object.assign(new Error('a call failed'), code === undefined ? {} : {code});
}

for (const [code, why] of [
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'no host has that name'],
  ['EAI_AGAIN', 'the name of the host could not be looked up'],
  ['ETIMEDOUT', 'it did not answer in time'],
  ['EHOSTUNREACH', 'no route leads to that host'],
  ['ENETUNREACH', 'no route leads to that network'],
  ['EACCES', 'EACCES'],
  [undefined, 'the network failed'],
] as const) {
  test(`${code ?? 'an error without a code'} before the greeting says that ${why}, and what to check`, () => {
    const cause = systemError(code);
    const error = wayError(cause, address, false);
    assert.deepEqual(
      [error.code, error.message, error.brief, error.cause],
      [
        'unreachable',
        `No connection to h:7: ${why}. Check the address, and that jangada-server runs there`,
        why,
        cause,
      ],
    );
  });
}

for (const code of ['ECONNRESET', 'EPIPE']) {
  test(`${code} is no greeting before the greeting, and a lost connection after it`, () => {
    const cause = systemError(code);
    const before = wayError(cause, address, false);
    assert.deepEqual(
      [before.code, before.brief, before.cause],
      ['unreachable', 'it closed the connection without a greeting', cause],
    );
    const after = wayError(cause, address, true);
    assert.deepEqual(
      [after.code, after.brief, after.message, after.cause],
      [
        'connection_lost',
        'the other side closed the connection',
        'The connection is lost: the other side closed the connection',
        cause,
      ],
    );
  });
}

for (const code of ['EMFILE', 'ENFILE']) {
  test(`${code} says that too many files are open here, greeted or not`, () => {
    for (const isGreeted of [false, true]) {
      const cause = systemError(code);
      const error = wayError(cause, address, isGreeted);
      assert.deepEqual([error.code, error.cause], ['local_io', cause]);
      assert.match(error.message, /Too many files are open here.*ulimit -n/);
    }
  });
}

test('an error that is known already stays as it is', () => {
  const error = new JangadaError('untrusted', 'No');
  assert.equal(wayError(error, address, false), error);
});

test('only a plain server may have been meant with TLS, and only ssh explains itself', () => {
  const cause = new Error('closed');
  assert.match(ungreeted(address, cause).message, /It may expect TLS: .*jangadas:\/\//);
  const secure = parseAddress('jangadas://h:7');
  assert.doesNotMatch(ungreeted(secure, cause).message, /TLS: /);
  assert.doesNotMatch(unreachable(parseAddress('ssh://h'), 'no').message, /Check the address/);
});

test('a server that has answered before is not taken for another program, whatever else fails stays', () => {
  const closed = ungreeted(address, new Error('closed'));
  const known = ofKnownServer(address, closed);
  assert.ok(known instanceof JangadaError);
  assert.deepEqual(
    [known.code, known.message, known.brief, known.cause],
    [
      'unreachable',
      'h:7 cannot answer now: it closed the connection without a greeting',
      'it closed the connection without a greeting',
      closed,
    ],
  );
  const refused = unreachable(address, 'nothing listens there');
  assert.equal(ofKnownServer(address, refused), refused);
  const other = new JangadaError('busy', 'it closed the connection without a greeting');
  assert.equal(ofKnownServer(address, other), other);
});
