import assert from 'node:assert/strict';
import {test} from 'node:test';
import {audienceOf} from '../../server/audience.ts';

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
