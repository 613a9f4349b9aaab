import assert from 'node:assert/strict';
import dns from 'node:dns/promises';
import {readFileSync, statSync, writeFileSync} from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {type DoorOptions, isReachedLocally, openDoor} from '../../../server/doors/open-door.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';

function doorOf(t: TestContext, options: DoorOptions, isLocal: boolean) {
  const folder = temporaryFolder(t);
  const environment = {JANGADA_STATE: join(folder, 'state')};
  const tokens = join(folder, 'tokens');
  writeFileSync(tokens, 'a-token\n', {mode: 0o600});
  const tokenFile = options.tokenFile === undefined ? {} : {tokenFile: tokens};
  const surroundings = {isLocal, environment, onFault: () => {}};
  return {door: openDoor({...options, ...tokenFile}, surroundings), environment};
}

for (const [what, options, isLocal, hasTls, hasTokens, showsToken] of [
  ['that only this machine reaches', {}, true, false, false, undefined],
  ['that others reach', {}, false, true, true, true],
  ['with --tls', {tls: true}, true, true, true, true],
  ['with --tls and --no-token', {tls: true, noToken: true}, true, true, false, true],
  ['with a token file', {tokenFile: ''}, true, false, true, false],
  ['that others reach, with a token file', {tokenFile: ''}, false, true, true, false],
  ['that others reach, with --insecure', {insecure: true}, false, false, true, true],
  ['that others reach, with --no-token', {noToken: true}, false, true, false, true],
  ['with --insecure on this machine', {insecure: true}, true, false, false, undefined],
  [
    'that others reach, with --insecure and --no-token',
    {insecure: true, noToken: true},
    ...([false, false, false, undefined] as const),
  ],
] as const) {
  test(`a server ${what} has ${hasTls ? 'TLS' : 'no TLS'} and ${hasTokens ? 'a' : 'no'} token`, t => {
    const {door} = doorOf(t, options, isLocal);
    assert.deepEqual(
      [door.tls !== undefined, door.tokens !== undefined, door.showsToken],
      [hasTls, hasTokens, showsToken],
    );
  });
}

test('a token and a certificate that a server makes are kept for its next start, for this user alone', t => {
  const {door, environment} = doorOf(t, {}, false);
  const again = openDoor({}, {isLocal: false, environment, onFault: () => {}});
  assert.equal(again.tokens?.first?.token, door.tokens?.first?.token);
  assert.equal(again.tls?.fingerprint, door.tls?.fingerprint);
  const file = join(environment.JANGADA_STATE, 'server-tokens');
  assert.match(readFileSync(file, 'utf8'), /^# .*\nfirst=[\w-]{43}\n$/);
  assert.equal(statSync(file).mode & 0o077, 0);
});

test('a host is reached by this machine alone if all of its addresses are', async () => {
  for (const [host, isLocal] of [
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['0.0.0.0', false],
    ['192.0.2.1', false],
    ['::', false],
    // Too long for a name: nobody is asked for it.
    ['x'.repeat(64), false],
  ] as const) {
    assert.equal(await isReachedLocally(host), isLocal, host);
  }
});

test('a host of which one address is reached by others is not one for this machine alone', async t => {
  const addresses = [{address: '127.0.0.1', family: 4}];
  const lookup = t.mock.method(dns, 'lookup', async () => addresses);
  syncBuiltinESMExports();
  t.after(() => {
    lookup.mock.restore();
    syncBuiltinESMExports();
  });
  assert.equal(await isReachedLocally('files.example.org'), true);
  addresses.push({address: '192.0.2.1', family: 4});
  assert.equal(await isReachedLocally('files.example.org'), false);
});
