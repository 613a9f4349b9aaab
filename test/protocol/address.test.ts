import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {
  type Address,
  formatAddress,
  formatSharedAddress,
  isSameServer,
  parseAddress,
  parseFingerprint,
  serverName,
} from '../../protocol/address.ts';
import {isJangadaError, JangadaError} from '../../protocol/errors.ts';
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
  ['jangada://[fe80::1%eth0]:9/a', 'fe80::1%eth0', 9, 'a'],
  ['[fe80::1%25eth0]', 'fe80::1%eth0', 1234, ''],
  ['[fe80::1%7]:9', 'fe80::1%7', 9, ''],
  ['[fe80::1%25]:9', 'fe80::1%25', 9, ''],
  ['[fe80::1%25br%2D0]', 'fe80::1%br-0', 1234, ''],
  ['jangada://bücher.example:9', 'bücher.example', 9, ''],
  ['localhost/com%20espa%C3%A7o', 'localhost', 1234, 'com espaço'],
  ['localhost/com espaço', 'localhost', 1234, 'com espaço'],
  ['localhost/caf%E9', 'localhost', 1234, 'caf\udce9'],
  ['localhost/100%', 'localhost', 1234, '100%'],
];

for (const [text, host, port, path] of read) {
  test(`'${text}' is an address`, () => {
    assert.deepEqual(parseAddress(text), {scheme: 'jangada', host, port, path});
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
  '[::1::2]',
  '[files.example.org]',
  '[fe80::1%]',
  '[fe80::1%a b]',
  '[fe80::1%25a%2Fb]',
  '[fe80::1%25%0a]',
  'user@host',
  'localhost/../x',
  'localhost/%2e%2e/x',
  'localhost/a//b',
  'localhost/a%00b',
  'host\x1b[2J',
];

for (const text of refused) {
  test(`${JSON.stringify(text)} is not an address, and the error message is safe to show`, () => {
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

for (const [text, why, instead] of [
  [' jangada://h:1', /white space around it/, /Write 'jangada:\/\/h:1'$/],
  ['h:1/a\n', /white space around it/, /Write 'h:1\/a'$/],
  ['\u00a0h:1', /white space around it/, /Write 'h:1'$/],
  ['::1', /an IPv6 address needs brackets/, /Write jangada:\/\/\[::1\]:PORT$/],
  [
    'jangada://fe80::1%eth0',
    /an IPv6 address needs brackets/,
    /jangada:\/\/\[fe80::1%eth0\]:PORT$/,
  ],
  ['https://h', /begins with https:\/\//, /Write jangada:\/\/HOST:PORT$/],
] as const) {
  test(`${JSON.stringify(text)}: the message says why this is not an address, and what to write`, () => {
    assert.throws(
      () => parseAddress(text),
      error =>
        isJangadaError(error, 'usage') && why.test(error.message) && instead.test(error.message),
    );
  });
}

for (const [host, text] of [
  ['fe80::1%eth0', 'jangada://[fe80::1%eth0]:9'],
  ['fe80::1%251', 'jangada://[fe80::1%25251]:9'],
  ['fe80::1%a%b', 'jangada://[fe80::1%25a%25b]:9'],
  ['::1', 'jangada://[::1]:9'],
] as const) {
  test(`${host} is written as ${text}`, () => {
    assert.equal(formatAddress({scheme: 'jangada', host, port: 9}), text);
    assert.equal(parseAddress(text).host, host);
  });
}

test('a formatted address can be parsed again', () => {
  const ipV6 = fc.ipV6().filter(text => /^[0-9a-f:.]+$/i.test(text));
  const zone = fc.stringMatching(/^[\x21-\x2e\x30-\x5c\x5e-\x7e]{1,15}$/);
  const host = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    ipV6,
    fc.tuple(ipV6, zone).map(([ip, name]) => `${ip}%${name}`),
  );
  const name = fc
    .uint8Array({minLength: 1, maxLength: 20})
    .map(bytes => nameFromBytes(bytes.filter(byte => byte !== 0 && byte !== 0x2f)))
    .filter(name => name !== '' && name !== '.' && name !== '..');
  const path = fc.array(name, {maxLength: 4}).map(names => parseRemotePath(names.join('/')));
  const address: fc.Arbitrary<Address> = fc.record(
    {scheme: fc.constant('jangada' as const), host, port: fc.integer({min: 1, max: 65_535}), path},
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

test('an error about a fingerprint says where the path goes', () => {
  const hex = '0a'.repeat(32);
  const form = 'Write jangadas://TOKEN@HOST:PORT/FOLDER#sha256:HEX$';
  for (const [end, why] of [
    [`${hex}/photos/2025`, 'the path goes before #'],
    [`${hex}0`, 'a fingerprint is sha256: and 64 hexadecimal digits'],
    ['', 'a fingerprint is sha256: and 64 hexadecimal digits'],
  ]) {
    assert.throws(() => parseAddress(`jangadas://h:1#sha256:${end}`), {
      code: 'usage',
      message: new RegExp(`is not an address \\(${why}\\)\\. ${form}`),
    });
  }
});

test('no error about an address shows its token', () => {
  for (const text of [
    'jangadas://s3cret@h:1/a//b',
    'jangadas://s3cret@h:99999',
    'jangadas://s3cret@:1',
    'jangadas://s3cr%20et@h:1',
    'jangadas://s3cret@h:1#sha256:12',
    ' jangadas://s3cret@h:1 ',
    'JANGADAS://s3cret@h:1/..',
    'jangadas://s3cret@more@h:1',
  ]) {
    assert.throws(
      () => parseAddress(text),
      error => error instanceof JangadaError && !/s3cr/.test(error.message),
      text,
    );
  }
});

const hex = '0A'.repeat(32);
const fingerprint = hex.toLowerCase();
const colons = Array(32).fill('0A').join(':');

for (const [text, server] of [
  ['jangadas://h', {host: 'h', port: 1234, path: ''}],
  ['jangadas://tok@h:7/a', {host: 'h', port: 7, path: 'a', token: 'tok'}],
  ['jangadas://t%40%2Fk%25@h', {host: 'h', port: 1234, path: '', token: 't@/k%'}],
  [`jangadas://h:7/a#sha256:${hex}`, {host: 'h', port: 7, path: 'a', fingerprint}],
  [`jangadas://h#SHA256:${colons}`, {host: 'h', port: 1234, path: '', fingerprint}],
  [
    `jangadas://tok@[::1]:7#sha256:${hex}`,
    {host: '::1', port: 7, path: '', token: 'tok', fingerprint},
  ],
  // A # that begins no fingerprint belongs to the name of a folder.
  ['jangadas://h/a#b', {host: 'h', port: 1234, path: 'a#b'}],
  ['jangadas://h/a@b', {host: 'h', port: 1234, path: 'a@b'}],
  [`jangadas://${'x'.repeat(512)}@h`, {host: 'h', port: 1234, path: '', token: 'x'.repeat(512)}],
] as const) {
  test(`'${text.slice(0, 60)}' is an address of a server over TLS`, () => {
    assert.deepEqual(parseAddress(text), {scheme: 'jangadas', ...server});
  });
}

for (const [text, server, written = text] of [
  ['ssh://nas', {host: 'nas', root: '.'}],
  ['ssh://nas/', {host: 'nas', root: '.'}, 'ssh://nas'],
  ['ssh://nas/~', {host: 'nas', root: '.'}, 'ssh://nas'],
  ['ssh://nas/~/a/b/', {host: 'nas', root: './a/b'}, 'ssh://nas/~/a/b'],
  ['ssh://nas/srv/a%20b', {host: 'nas', root: '/srv/a b'}],
  ['ssh://nas/.', {host: 'nas', root: '/.'}],
  ['ssh://me@nas:22/srv', {user: 'me', host: 'nas', port: 22, root: '/srv'}],
  ['ssh://me@[::1]/srv', {user: 'me', host: '::1', root: '/srv'}],
  ['ssh://nas/a@b', {host: 'nas', root: '/a@b'}],
] as const) {
  test(`'${text}' is an address of a server over ssh, and is written so that it can be read again`, () => {
    const address = parseAddress(text);
    const unset = {user: undefined, port: undefined};
    assert.deepEqual(address, {scheme: 'ssh', ...unset, ...server, path: ''});
    assert.equal(formatAddress(address), written);
    assert.deepEqual(parseAddress(written), address);
  });
}

for (const [text, why] of [
  ['ssh://-oProxyCommand=x@nas', /the user name is not valid/],
  ['ssh://a b@nas', /the user name is not valid/],
  ['ssh://-nas/srv', /no valid host and port/],
  ['-nas', /no valid host and port/],
  ['ssh://nas/a%00b', /cannot contain NUL/],
  ['ssh://nas:0/a', /a port is between 1 and 65535/],
  [`jangadas://${'x'.repeat(513)}@h`, /a token is 1 to 512 visible ASCII characters/],
  ['jangadas://t%20k@h', /a token is 1 to 512 visible ASCII characters/],
  ['jangadas://@h', /a token is 1 to 512 visible ASCII characters/],
] as const) {
  test(`'${text.slice(0, 40)}' is no address, and the message says why and gives the form`, () => {
    const scheme = text.startsWith('ssh:') ? 'ssh' : text.startsWith('-') ? 'jangada' : 'jangadas';
    const form = new RegExp(`Write ${scheme}://`);
    assert.throws(() => parseAddress(text), {code: 'usage', message: why});
    assert.throws(() => parseAddress(text), {message: form});
  });
}

test('a fingerprint has 64 digits, in either case, with or without colons', () => {
  assert.equal(parseFingerprint(`sha256:${hex}`), fingerprint);
  assert.equal(parseFingerprint(`SHA256:${colons}`), fingerprint);
  for (const text of [hex, `sha1:${hex}`, `sha256:${hex}0`, `sha256:${hex.slice(1)}`, '']) {
    assert.equal(parseFingerprint(text), undefined, text);
  }
});

test('the address for others has the credentials, and the one to be shown has none', () => {
  const credentials = {token: 't@k/%', fingerprint};
  const server = {scheme: 'jangadas', host: 'h', port: 7, ...credentials} as const;
  const shared = formatSharedAddress(server);
  assert.equal(shared, `jangadas://t%40k%2F%25@h:7#sha256:${fingerprint}`);
  assert.deepEqual(parseAddress(shared), {...server, path: ''});
  assert.equal(formatAddress(server), 'jangadas://h:7');
  assert.equal(
    formatSharedAddress({scheme: 'jangadas', host: '::1', port: 7}),
    'jangadas://[::1]:7',
  );
});

test('a server has one name, whatever its folder and credentials are', () => {
  for (const [text, name] of [
    ['h/a', 'h:1234'],
    ['jangadas://tok@h:7/a', 'jangadas://h:7'],
    ['ssh://me@nas/srv', 'ssh://me@nas/srv'],
  ] as const) {
    assert.equal(serverName(parseAddress(text)), name);
  }

  for (const [one, other, isSame] of [
    ['h:1/a', 'H:1/b', true],
    ['jangadas://tok@h:1', 'jangadas://H:1', true],
    ['h:1', 'h:2', false],
    ['h:1', 'jangadas://h:1', false],
    ['ssh://nas/a', 'ssh://nas/A', false],
  ] as const) {
    assert.equal(isSameServer(parseAddress(one), parseAddress(other)), isSame, `${one} ${other}`);
  }
});
