import assert from 'node:assert/strict';
import {mkdirSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {formatAddress} from '../../../../protocol/address.ts';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {parseArguments} from '../../../../source/commands/arguments/parse.ts';
import {startHarness, treeOf} from '../../../fixtures/harness.ts';
import {runHere} from '../run.ts';

const here = 'jangada://127.0.0.1:1234';

/** The words of a command line and JANGADA_SERVER, and the server and the inputs that they mean. */
const meant: [words: string[], variable: string, server: string, inputs: string[]][] = [
  [['sget', '/a'], '', here, ['a']],
  [['sget', '/a/b'], 'h:1/photos', 'jangada://h:1/photos', ['a/b']],
  [['hash', '/a:10'], '', here, ['a:10']],
  [['list', '/'], '', here, ['']],
  [['list', '/a/'], '', here, ['a/']],
  [['mget', '/a/**', '!/a/b', '/'], '', here, ['a/**', '!a/b', '']],
  [['sget', '!/a'], '', here, ['!/a']],
  [['verify', '/a', 'b'], '', here, ['a', 'b']],
  [['sget', 'jangada://h:1/a'], '', 'jangada://h:1', ['a']],
  [['sget', 'jangada://h/a/b/'], 'other:7/x', 'jangada://h:1234', ['a/b']],
  [['list', 'jangada://h:1'], '', 'jangada://h:1', ['']],
  [['list', 'jangada://h:1/a/'], '', 'jangada://h:1', ['a']],
  [['cget', 'jangada://[fe80::1%eth0]:1/a'], '', 'jangada://[fe80::1%eth0]:1', ['a']],
  [['hash', 'jangada://h:1/a:10'], '', 'jangada://h:1', ['a:10']],
  [['verify', 'jangada://h:1/a', 'jangada://h:1/b'], '', 'jangada://h:1', ['a', 'b']],
  [['mget', 'jangada://h:1/a/**', '!jangada://h:1/a/b'], '', 'jangada://h:1', ['a/**', '!a/b']],
  [['mget', 'jangada://h:1/**/'], '', 'jangada://h:1', ['**/']],
  [['queue', 'add', 'jangada://h:1/a', 'jangada://h:1/*'], '', 'jangada://h:1', ['a', '*']],
  [['sget', 'jangada://h:1/com%20espa%C3%A7o'], '', 'jangada://h:1', ['com espaço']],
  [['sget', 'jangada://h:1/caf%E9'], '', 'jangada://h:1', ['caf\udce9']],
  [['mget', 'jangada://h:1/a%2A%5B1%5D/*'], '', 'jangada://h:1', ['a\\*\\[1\\]/*']],
  // The server may be given twice, also with its folder. The path of an address begins at the root of the server.
  [['-s', 'h:1', 'sget', 'jangada://H:1/a'], '', 'jangada://h:1', ['a']],
  [['-s', 'h:1/x/y', 'sget', 'jangada://h:1/x/y/a', 'b'], '', 'jangada://h:1/x/y', ['a', 'b']],
  [['-s', 'h:1/x y', 'mget', 'jangada://h:1/x%20y/*', 'b'], '', 'jangada://h:1/x%20y', ['*', 'b']],
  [['mget', 'jangada://h:1/x/a', 'b'], 'h:1/x', 'jangada://h:1/x', ['a', 'b']],
];

for (const [words, variable, server, inputs] of meant) {
  const where = variable === '' ? '' : `, where JANGADA_SERVER is ${variable},`;
  test(`jangada ${words.join(' ')}${where} means ${inputs.join(' ')} of ${server}`, () => {
    // `sget` takes only one FILE. `verify` treats several in the same way.
    const line = words.includes('b')
      ? words.map(word => (word === 'sget' ? 'verify' : word))
      : words;
    const invocation = parseArguments(line, {JANGADA_SERVER: variable});
    assert.ok(invocation.do === 'run');
    assert.deepEqual(
      [formatAddress(invocation.options.server), invocation.inputs],
      [server, inputs],
    );
  });
}

const pins = {a: 'a'.repeat(64), b: 'b'.repeat(64)};

/** Words, and the token and the fingerprint for the server that they mean. */
const trusted: [words: string[], token: string | undefined, fingerprint: string | undefined][] = [
  [['sget', 'jangadas://h/x', '--fingerprint', `sha256:${pins.a}`], undefined, pins.a],
  [['list', 'jangadas://T@h/x', '--fingerprint', `sha256:${pins.a}`], 'T', pins.a],
  [['list', '-s', 'jangadas://h', '--fingerprint', `sha256:${pins.a}`], undefined, pins.a],
  [['jangadas://T@h', '--fingerprint', `sha256:${pins.a}`], 'T', pins.a],
  [['sget', `jangadas://T@h/x#sha256:${pins.a}`, '-s', 'jangadas://h'], 'T', pins.a],
  [['sget', 'jangadas://T@h/x', '-s', `jangadas://h#sha256:${pins.a}`], 'T', pins.a],
  [['sget', 'jangadas://h/x', '-s', `jangadas://T@h#sha256:${pins.a}`], 'T', pins.a],
  [['verify', 'jangadas://h/x', `jangadas://T@h/y#sha256:${pins.a}`], 'T', pins.a],
  [['sget', 'jangadas://T@h/x', '-s', 'jangadas://h'], 'T', undefined],
];

for (const [words, token, fingerprint] of trusted) {
  for (const variable of ['', 'jangada://other:7', 'jangadas://other:7']) {
    test(`jangada ${words.join(' ')} proves who the server is, with JANGADA_SERVER '${variable}'`, () => {
      const invocation = parseArguments(words, {JANGADA_SERVER: variable});
      assert.ok(invocation.do === 'run');
      const {server} = invocation.options;
      assert.ok(server.scheme !== 'ssh');
      const pin = server.scheme === 'jangadas' ? server.fingerprint : undefined;
      assert.deepEqual([server.host, server.token, pin], ['h', token, fingerprint]);
    });
  }
}

const refused: [words: string[], message: RegExp][] = [
  [['sget', 'http://h/a'], /'http:\/\/h\/a' is not an address \(it begins with http:\/\/\)/],
  [['sget', 'jangada://'], /no valid host and port/],
  [['-s', 'g:1', 'sget', 'jangada://h:1/a'], /'jangada:\/\/h:1\/a' is not in jangada:\/\/g:1,/],
  [['-s', 'h:1/x', 'sget', 'jangada://h:1/y/a'], /is not in jangada:\/\/h:1\/x,/],
  [['-s', 'h:1/x', 'mget', 'jangada://h:1/xy/*'], /is not in jangada:\/\/h:1\/x,/],
  [['mget', 'jangada://h:1/a', 'b'], /is not in jangada:\/\/127\.0\.0\.1:1234,/],
  [
    ['verify', 'jangada://h:1/a', 'jangada://h:2/b'],
    /'jangada:\/\/h:2\/b' is not in jangada:\/\/h:1,/,
  ],
  [['sget', 'jangadas://T@h/x', '-s', 'jangadas://U@h'], /^'jangadas:\/\/h\/x' has another token/],
  [
    ['sget', `jangadas://h/x#sha256:${pins.a}`, '-s', `jangadas://h#sha256:${pins.b}`],
    /has another token or fingerprint than the other addresses/,
  ],
  [
    ['sget', 'jangada://h/x', '--fingerprint', `sha256:${pins.a}`],
    /^--fingerprint needs a server with TLS, and jangada:\/\/h:1234 has no TLS/,
  ],
];

for (const [words, message] of refused) {
  test(`jangada ${words.join(' ')} is wrong usage`, () => {
    assert.throws(
      () => parseArguments(words, {}),
      error => isJangadaError(error, 'usage') && message.test(error.message),
    );
  });
}

test('names of a list of checksums are local: they are not changed', () => {
  const invocation = parseArguments(['verify', '--checksums', 'list', '/a'], {});
  assert.ok(invocation.do === 'run');
  assert.deepEqual(invocation.inputs, ['/a']);
});

test('an address is accepted in place of a path on that server, and /a means a', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', 'rain');
  serve('photos/boat.jpg', 'boat');
  mkdirSync(target);
  const to = ['-o', target];
  const at = ['-s', server.address];
  for (const [words, stdout] of [
    [['sget', `${server.address}/a`, ...to], /^a .* verified\n$/],
    [['sget', '/a', ...to, ...at, '--on-conflict', 'resume'], /^a .*\n$/],
    [['mget', `${server.address}/photos/**`, ...to], /^photos\/boat\.jpg .* verified\n/],
    [['verify', '/a', `${server.address}/photos/boat.jpg`, ...to, ...at], /boat\.jpg: verified/],
    [['hash', `${server.address}/a`], /^[0-9a-f]{64} {2}a\n$/],
    [['list', '/', ...at], /photos\n.*a\n$/],
    [['list', `${server.address}/photos`], /boat\.jpg\n$/],
  ] as const) {
    const ran = await runHere(words);
    assert.deepEqual([ran.status, ran.stderr], [0, ''], words.join(' '));
    assert.match(ran.stdout, stdout);
  }

  assert.deepEqual([...treeOf(target).keys()].sort(), ['a', path.join('photos', 'boat.jpg')]);
});
