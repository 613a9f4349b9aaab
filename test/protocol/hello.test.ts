import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {isJangadaError} from '../../protocol/errors.ts';
import {decodeHello} from '../../protocol/hello.ts';

for (const protocol of [0, 2]) {
  test(`a server that speaks version ${protocol} of the protocol is told of as one, whatever else it says`, () => {
    const payload = Buffer.from(JSON.stringify({protocol, more: []}));
    assert.throws(
      () => decodeHello(payload),
      error =>
        isJangadaError(error, 'unsupported') &&
        error.message.includes(`speaks version ${protocol} of the protocol`),
    );
  });
}

test('a greeting without a version breaks the protocol', () => {
  assert.throws(
    () => decodeHello(Buffer.from('{"server":"jangada-server/0.1.0"}')),
    error => isJangadaError(error, 'protocol'),
  );
});
