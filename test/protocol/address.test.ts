import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {type Address, formatAddress, parseAddress} from '../../protocol/address.ts';
import {isJangadaError} from '../../protocol/errors.ts';
import {nameFromBytes, parseRemotePath} from '../../protocol/remote-path.ts';

const read: ReadonlyArray<[text: string, host: string, port: number, path: string]> = [
  ['jangada://127.0.0.1:1234', '127.0.0.1', 1234, ''],
  ['jangada://files.example.org', 'files.example.org', 1234, ''],
  ['jangada://files.example.org/', 'files.example.org', 1234, ''],
  ['JANGADA://Files.Example.org:80/A', 'Files.Example.org', 80, 'A'],
  ['localhost', 'localhost', 1234, ''],
  ['localhost:9', 'localhost', 9, ''],
  ['localhost:9/fotos/2025/', 'localhost', 9, 'fotos/2025'],
  ['[::1]:65535', '::1', 65_535, ''],
  ['jangada://[fe80::1]', 'fe80::1', 1234, ''],
  ['localhost/com%20espa%C3%A7o', 'localhost', 1234, 'com espaço'],
  ['localhost/com espaço', 'localhost', 1234, 'com espaço'],
  ['localhost/caf%E9', 'localhost', 1234, 'caf\udce9'],
  ['localhost/100%', 'localhost', 1234, '100%'],
];

for (const [text, host, port, path] of read) {
  test(`'${text}' is an address`, () => {
    assert.deepEqual(parseAddress(text), {host, port, path});
  });
}

const refused = [
  '',
  'jangada://',
  'jangada://:1234',
  'http://example.org',
  'localhost:0',
  'localhost:65536',
  'localhost:123456',
  'localhost:x',
  'a b',
  '::1',
  '[::1',
  'user@host',
  'localhost/../x',
  'localhost/%2e%2e/x',
  'localhost/a//b',
  'localhost/a%00b',
  'host\x1b[2J',
];

for (const text of refused) {
  test(`${JSON.stringify(text)} is no address, and the message is safe to show`, () => {
    assert.throws(
      () => parseAddress(text),
      error => {
        assert.ok(isJangadaError(error, 'usage'));
        assert.doesNotMatch(error.message, /\p{Cc}/u);
        return true;
      },
    );
  });
}

test('an address that is written can be read again', () => {
  const host = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV6().filter(text => /^[0-9a-f:.]+$/i.test(text)),
  );
  const name = fc
    .uint8Array({minLength: 1, maxLength: 20})
    .map(bytes => nameFromBytes(bytes.filter(byte => byte !== 0 && byte !== 0x2f)))
    .filter(name => name !== '' && name !== '.' && name !== '..');
  const path = fc.array(name, {maxLength: 4}).map(names => parseRemotePath(names.join('/')));
  const address: fc.Arbitrary<Address> = fc.record(
    {host, port: fc.integer({min: 1, max: 65_535}), path},
    {noNullPrototype: true},
  );
  fc.assert(
    fc.property(address, address => {
      const text = formatAddress(address);
      assert.deepEqual(parseAddress(text), address);
      assert.match(text, /^[\x21-\x7e]+$/);
    }),
    {numRuns: 1000},
  );
});
