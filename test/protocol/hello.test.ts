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

test('a greeting keeps to the limits of its fields, and any other breaks the protocol', () => {
  const greeting = {
    ...{protocol: 1, server: 's'.repeat(200), token: true, limits: {pipelined: 1}},
    algorithms: Array(32).fill('sha256'),
    features: Array(64).fill('files'),
    nonce: Buffer.alloc(32, 7).toString('base64'),
  };
  const decode = (changed: object) =>
    decodeHello(Buffer.from(JSON.stringify({...greeting, ...changed})));
  const {nonce, ...hello} = decode({});
  assert.deepEqual(nonce, Buffer.alloc(32, 7));
  assert.deepEqual(hello, {
    ...{protocol: 1, server: 's'.repeat(200), token: true, limits: {pipelined: 1}},
    ...{algorithms: ['sha256'], features: ['files']},
  });
  for (const changed of [
    {server: 's'.repeat(201)},
    {algorithms: Array(33).fill('sha256')},
    {features: Array(65).fill('files')},
    {nonce: Buffer.alloc(24).toString('base64')},
    {nonce: 'no base64'.padEnd(44)},
    {token: 'yes'},
    {limits: {}},
  ]) {
    assert.throws(() => decode(changed), {code: 'protocol'}, JSON.stringify(changed));
  }
});
