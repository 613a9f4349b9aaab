import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {isJangadaError} from '../../protocol/errors.ts';
import {decodeHello} from '../../protocol/hello.ts';

for (const protocol of [0, 2]) {
  test(`a server of protocol version ${protocol} is reported as such, whatever else it says`, () => {
    const payload = Buffer.from(JSON.stringify({protocol, more: []}));
    assert.throws(
      () => decodeHello(payload),
      error =>
        isJangadaError(error, 'unsupported') &&
        error.message.includes(`speaks version ${protocol} of the protocol`),
    );
  });
}

test('a greeting must allow at least one request; any other greeting breaks the protocol', () => {
  const greeting = (pipelined: number) =>
    Buffer.from(
      JSON.stringify({
        protocol: 1,
        server: 'jangada-server/0.1.0',
        algorithms: ['sha256'],
        token: false,
        limits: {pipelined},
      }),
    );
  assert.equal(decodeHello(greeting(1)).limits.pipelined, 1);
  for (const pipelined of [0, -1, 1.5]) {
    assert.throws(
      () => decodeHello(greeting(pipelined)),
      error => isJangadaError(error, 'protocol'),
      `${pipelined}`,
    );
  }
});

test('a greeting without a version breaks the protocol', () => {
  assert.throws(
    () => decodeHello(Buffer.from('{"server":"jangada-server/0.1.0"}')),
    error => isJangadaError(error, 'protocol'),
  );
});
