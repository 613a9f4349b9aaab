import assert from 'node:assert/strict';
import {test} from 'node:test';
import {audienceOf} from '../../server/audience.ts';
import {startServer} from '../../server/server.ts';
import {testDoor} from '../fixtures/door.ts';
import {MemoryStore} from '../fixtures/server/memory-store.ts';

test('a server is open unless it listens on the loopback of this machine', () => {
  for (const [address, isOpen] of [
    ['127.0.0.1', false],
    ['127.8.9.1', false],
    ['::1', false],
    ['::ffff:127.0.0.1', false],
    ['0.0.0.0', true],
    ['::', true],
    ['::ffff:0.0.0.0', true],
    ['192.0.2.1', true],
    ['12.127.0.1', true],
    ['fe80::1%eth0', true],
    ['2001:db8::1', true],
  ] as const) {
    assert.equal(audienceOf(address, {}).isOpen, isOpen, address);
  }

  assert.match(audienceOf('::', {}).text, /^everybody who can reach this machine,/);
  assert.match(audienceOf('192.0.2.1', {}).text, /^everybody who can reach 192\.0\.2\.1,/);
});

test('a server behind a balancer is open on the loopback, too, because its clients come from anywhere', async t => {
  for (const address of ['127.0.0.1', '::1']) {
    const {isOpen, text} = audienceOf(address, {}, true);
    assert.equal(isOpen, true);
    assert.equal(
      text,
      'everybody who can reach the balancers of --trust-proxy, without a password or encryption',
    );
  }

  assert.match(
    audienceOf('192.0.2.1', {}, true).text,
    /^everybody who can reach 192\.0\.2\.1 or the balancers of --trust-proxy,/,
  );
  const door = testDoor(t);
  assert.deepEqual(audienceOf('127.0.0.1', door, true), {
    isOpen: false,
    text: 'everybody who can reach the balancers of --trust-proxy and knows a token, over TLS',
  });
  const server = await startServer({
    root: new MemoryStore(),
    port: 0,
    trustProxy: ['127.0.0.1'],
  });
  t.after(() => server.close({graceMs: 0}));
  assert.equal(server.audience.isOpen, true);
});

test('who can reach a server is said with the token and the encryption that it has', t => {
  const door = testDoor(t);
  const {tls, tokens} = door;
  for (const [address, own, text] of [
    ['127.0.0.1', {}, 'programs on this machine alone'],
    ['127.0.0.1', {tls}, 'programs on this machine alone, over TLS'],
    ['127.0.0.1', {tokens}, 'programs on this machine that know a token'],
    ['::1', door, 'programs on this machine that know a token, over TLS'],
    ['192.0.2.1', door, 'everybody who can reach 192.0.2.1 and knows a token, over TLS'],
    ['::', {tls}, 'everybody who can reach this machine, without a password'],
    [
      '0.0.0.0',
      {tokens},
      'everybody who can reach this machine and knows a token, without encryption',
    ],
    ['::ffff:192.0.2.1', {}, 'everybody who can reach 192.0.2.1, without a password or encryption'],
  ] as const) {
    const audience = audienceOf(address, own);
    assert.equal(audience.text, text);
    assert.equal(audience.isOpen, text.includes('without a password'));
  }
});
