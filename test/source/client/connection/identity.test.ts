/** Which servers a client trusts over TLS. The false servers have neither our token nor our certificate. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {suite, test} from 'node:test';
import type {TlsServer} from '../../../../protocol/address.ts';
import {parseAddress} from '../../../../protocol/address.ts';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {Client} from '../../../../source/client/client.ts';
import {CertificateError} from '../../../../source/client/connection/certificate-error.ts';
import {goodToken, testDoor} from '../../../fixtures/door.ts';
import {freePort} from '../../../fixtures/free-port.ts';
import {startHarness, until} from '../../../fixtures/harness.ts';
import {
  startFalseServer as falseServer,
  falseHello as hello,
  tlsAt as tls,
} from '../../../fixtures/server/false-server.ts';
import {rawFrame} from '../../../fixtures/server/server-raw-peer.ts';

suite('a server over TLS', () => {
  test('is recognised by its token, without a fingerprint', async t => {
    const {server} = await startHarness(t, {server: {door: testDoor(t)}});
    await using client = clientOf(server.address, {fingerprint: undefined});
    assert.equal((await client.stat(client.address.path)).type, 'folder');
  });

  test('is recognised by its certificate, if it requires no token', async t => {
    const {client, serve, download, target} = await startHarness(t, {
      server: {door: testDoor(t, {tokens: []})},
    });
    serve('a', Buffer.alloc(3_000_000, 'x'));
    assert.equal((await download(['a']))[0]?.state.name, 'done');
    assert.ok(target);
    assert.equal((await client.hello()).token, false);
  });

  test('that is unknown is refused with its fingerprint, before anything is sent', async t => {
    const door = testDoor(t, {tokens: []});
    const {server} = await startHarness(t, {server: {door}});
    await using client = clientOf(server.address, {fingerprint: undefined});
    await assert.rejects(client.hello(), error => {
      assert.ok(error instanceof CertificateError);
      assert.deepEqual([error.fingerprint, error.expected], [door.tls?.fingerprint, undefined]);
      return true;
    });
  });

  test('with a wrong certificate is refused, with both fingerprints', async t => {
    const door = testDoor(t);
    const {server} = await startHarness(t, {server: {door}});
    const expected = 'ab'.repeat(32);
    await using client = clientOf(server.address, {fingerprint: expected});
    await assert.rejects(client.hello(), error => {
      assert.ok(error instanceof CertificateError);
      assert.match(error.message, new RegExp(`${door.tls?.fingerprint}.*${expected}`));
      return true;
    });
  });

  test('that does not know the token is refused, and receives neither the token nor a request', async t => {
    const place = await falseServer(t, {
      answer: rawFrame(0x49, JSON.stringify({proof: hello.nonce})),
    });
    await using client = new Client({...place.address, token: goodToken});
    await assert.rejects(client.stat(client.address.path), {
      code: 'untrusted',
      message: /does not know the token/,
    });
    const heard = place.heard();
    assert.match(
      heard.toString('latin1'),
      /^jangada\/1\r\n.{8}\{"nonce":"[^"]{44}","proof":"[^"]{44}"\}$/s,
    );
    assert.ok(!heard.includes(goodToken));
  });

  test('whose certificate is known hears no request either before it proves that it knows the token', async t => {
    const place = await falseServer(t, {});
    const {address, fingerprint} = place;
    await using client = new Client({...address, token: goodToken, fingerprint});
    const stop = new AbortController();
    const asked = client.stat(client.address.path, {signal: stop.signal});
    await until(() => place.heard().length > 100);
    stop.abort();
    await assert.rejects(asked, {code: 'aborted'});
    assert.match(place.heard().toString('latin1'), /^jangada\/1\r\n.{8}\{"nonce":"[^}]*"\}$/s);
  });

  for (const [what, greeting, answer, message] of [
    [
      'asks for a token without a nonce',
      {...hello, nonce: undefined},
      undefined,
      /without a nonce/,
    ],
    ['greets a second time', hello, rawFrame(0x40, JSON.stringify(hello)), /not a greeting/],
  ] as const) {
    test(`that ${what} breaks the protocol`, async t => {
      const place = await falseServer(t, {hello: greeting, ...(answer && {answer})});
      await using client = new Client({...place.address, token: goodToken});
      await assert.rejects(client.hello(), {code: 'protocol', message});
    });
  }

  test('at which nothing listens is unreachable, not untrusted', async () => {
    await using client = new Client({...tls(await freePort()), token: goodToken});
    await assert.rejects(client.hello(), {
      code: 'unreachable',
      message: /^No connection to jangadas:\/\/127\.0\.0\.1:\d+: nothing listens there/,
    });
  });

  test('that asks for no token and has an unknown certificate is refused', async t => {
    const place = await falseServer(t, {hello: {...hello, token: false}});
    await using client = new Client({...place.address, token: goodToken});
    await assert.rejects(client.hello(), error => error instanceof CertificateError);
    assert.equal(place.heard().toString(), 'jangada/1\r\n');
  });

  test('behind a machine in the middle without token and certificate is not reached', async t => {
    const {server} = await startHarness(t, {server: {door: testDoor(t)}});
    const middle = await falseServer(t, {relayTo: server.port});
    await using client = new Client({...middle.address, token: goodToken});
    await assert.rejects(client.hello(), error =>
      isJangadaError(error, 'unauthorized', 'untrusted'),
    );
    await using pinned = clientOf(server.address, {port: middle.address.port});
    await assert.rejects(pinned.hello(), error => error instanceof CertificateError);
  });

  test('without TLS is refused: the client does not fall back to plain TCP', async t => {
    const {server} = await startHarness(t);
    const {port} = server;
    await using client = new Client({...tls(port), token: goodToken});
    await assert.rejects(client.hello(), {code: 'untrusted', message: /does not speak TLS/});
  });

  test('that offers only TLS 1.2 is refused', async t => {
    const place = await falseServer(t, {tls: {maxVersion: 'TLSv1.2'}});
    await using client = new Client({...place.address, token: goodToken});
    await assert.rejects(client.hello(), {
      code: 'untrusted',
      message: /it offers no TLS 1\.3\. Nothing was sent\. .*begins with jangada:\/\//,
    });
    assert.equal(place.heard().length, 0);
  });

  test('is checked in each connection: no TLS session is resumed', async t => {
    const place = await falseServer(t, {hello: {...hello, token: false}});
    for (let round = 0; round < 3; round++) {
      await using client = new Client({...place.address, token: goodToken});
      await assert.rejects(client.hello(), error => error instanceof CertificateError);
    }

    assert.deepEqual(place.resumed(), [false, false, false]);
  });

  test('that requires a token is refused with that reason, if the client has none', async t => {
    const {server} = await startHarness(t, {server: {door: testDoor(t)}});
    await using client = clientOf(server.address, {token: undefined});
    await assert.rejects(client.hello(), {
      code: 'unauthorized',
      message: /asks for a token\. Use the whole address that jangada-server printed, --token-file/,
    });
  });
});

test('over plain TCP both sides prove that they know the token, which is never sent', async t => {
  const {server} = await startHarness(t, {server: {door: testDoor(t, {tls: false})}});
  const {host, port} = server;
  const place = {scheme: 'jangada', host, port, path: parseAddress('h').path} as const;
  await using client = new Client({...place, token: goodToken});
  assert.equal((await client.stat(place.path)).type, 'folder');
  await using other = new Client({...place, token: 'other'});
  await assert.rejects(other.hello(), {code: 'unauthorized', message: /token is wrong/});
});

function clientOf(address: string, changed: Partial<TlsServer>): Client {
  const parsed = parseAddress(address);
  assert.ok(parsed.scheme === 'jangadas');
  return new Client({...parsed, ...changed});
}
