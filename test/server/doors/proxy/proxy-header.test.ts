import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {beginsProxyHeader, parseProxyHeader} from '../../../../server/doors/proxy/proxy-header.ts';

/** A header of version 2, with this command, address family and addresses. */
function binary(command: number, family: number, addresses: readonly number[]): Buffer {
  const fixed = Buffer.from('\r\n\r\n\0\r\nQUIT\n\0\0\0\0', 'latin1');
  fixed[12] = command;
  fixed[13] = family;
  fixed.writeUInt16BE(addresses.length, 14);
  return Buffer.concat([fixed, Buffer.from(addresses)]);
}

const ipv4 = [10, 1, 2, 3, 127, 0, 0, 1, 0x30, 0x39, 4, 210];
const ipv6 = [
  ...[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
  ...Array.from({length: 16}, () => 0),
  ...[0x30, 0x39, 4, 210],
];

for (const [what, header, client] of [
  [
    'version 1, IPv4',
    Buffer.from('PROXY TCP4 10.1.2.3 127.0.0.1 12345 1234\r\n'),
    {address: '10.1.2.3', port: 12_345},
  ],
  [
    'version 1, IPv6, in its usual form',
    Buffer.from('PROXY TCP6 2001:0db8:0:0:0:0:0:1 ::1 12345 1234\r\n'),
    {address: '2001:db8::1', port: 12_345},
  ],
  ['version 1, unknown', Buffer.from('PROXY UNKNOWN\r\n'), undefined],
  [
    'version 1, unknown, with addresses',
    Buffer.from('PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n'),
    undefined,
  ],
  [
    'version 1, the longest line',
    Buffer.from(`PROXY UNKNOWN ${'f'.repeat(39)} ${'f'.repeat(39)} 65535 65535\r\n`),
    undefined,
  ],
  [
    'version 1, with the last port',
    Buffer.from('PROXY TCP4 10.1.2.3 127.0.0.1 65535 1234\r\n'),
    {address: '10.1.2.3', port: 65_535},
  ],
  [
    'version 2, the longest header',
    binary(0x21, 0x11, [...ipv4, ...Array.from({length: 2020}, () => 0)]),
    {address: '10.1.2.3', port: 12_345},
  ],
  ['version 2, IPv4', binary(0x21, 0x11, ipv4), {address: '10.1.2.3', port: 12_345}],
  ['version 2, IPv6', binary(0x21, 0x21, ipv6), {address: '2001:db8::1', port: 12_345}],
  [
    'version 2 with more after the addresses',
    binary(0x21, 0x11, [...ipv4, 4, 0, 1, 0]),
    {address: '10.1.2.3', port: 12_345},
  ],
  ['version 2, for the balancer itself', binary(0x20, 0, []), undefined],
  [
    'version 2, a socket of the system',
    binary(
      0x21,
      0x31,
      Array.from({length: 216}, () => 47),
    ),
    undefined,
  ],
] as const) {
  test(`${what}: the header names the client, however its bytes are cut, and ends where it should`, () => {
    const bytes = Buffer.concat([header, Buffer.from('jangada/1\r\n')]);
    for (let length = 1; length < header.length; length++) {
      assert.equal(parseProxyHeader(bytes.subarray(0, length)), undefined, `${length} bytes`);
    }

    assert.deepEqual(parseProxyHeader(bytes), {length: header.length, client});
  });
}

for (const [what, bytes] of [
  ['other bytes', Buffer.from('jangada/1\r\n')],
  ['an address of the other version', Buffer.from('PROXY TCP4 ::1 ::1 1 2\r\n')],
  ['an invalid address', Buffer.from('PROXY TCP4 10.1.2 127.0.0.1 1 2\r\n')],
  ['no port', Buffer.from('PROXY TCP4 10.1.2.3 127.0.0.1 x 2\r\n')],
  ['a port above 65535', Buffer.from('PROXY TCP4 10.1.2.3 127.0.0.1 65536 2\r\n')],
  ['too many words', Buffer.from('PROXY TCP4 10.1.2.3 127.0.0.1 1 2 3\r\n')],
  ['an unknown family', Buffer.from('PROXY TCP5 10.1.2.3 127.0.0.1 1 2\r\n')],
  ['a line without an end', Buffer.from(`PROXY TCP4 ${'1'.repeat(200)}`)],
  ['a line of one character more than any', Buffer.from(`PROXY UNKNOWN ${'1'.repeat(93)}`)],
  [
    'one byte more than any of version 2',
    binary(0x21, 0x11, [...ipv4, ...Array.from({length: 2021}, () => 0)]).subarray(0, 16),
  ],
  ['addresses of IPv6 that are cut', binary(0x21, 0x21, ipv6.slice(1))],
  ['version 3', binary(0x31, 0x11, ipv4)],
  ['an unknown command', binary(0x22, 0x11, ipv4)],
  ['addresses that are cut', binary(0x21, 0x11, ipv4.slice(1))],
  [
    'a header of 60,000 bytes',
    binary(
      0x21,
      0x11,
      Array.from({length: 60_000}, () => 0),
    ),
  ],
] as const) {
  test(`a header with ${what} is refused`, () => {
    assert.throws(
      () => parseProxyHeader(bytes),
      error => isJangadaError(error, 'bad_request'),
    );
  });
}

test('the first bytes of Jangada clients are not taken for a header', () => {
  assert.equal(beginsProxyHeader(Buffer.from('jangada/1\r\n')), false);
  assert.equal(beginsProxyHeader(Buffer.from([0x16, 3, 1])), false);
});
