import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {LoginReader} from '../../../server/connection/login-reader.ts';
import {kinds, rawFrame} from '../../fixtures/server/server-raw-peer.ts';

const login = 0x08;

test('a login is read in pieces of any size, up to 1,024 bytes of it', () => {
  for (const payload of ['', '{}', 'x'.repeat(1024)]) {
    const frame = rawFrame(login, payload);
    for (const size of [1, 7, frame.length]) {
      const reader = new LoginReader();
      let read: Buffer | undefined;
      for (let at = 0; at < frame.length; at += size) {
        assert.equal(read, undefined);
        read = reader.receive(frame.subarray(at, at + size));
      }

      assert.equal(read?.toString(), payload);
    }
  }
});

test('a login that is too large, or has bytes behind it, is refused as soon as this is seen', () => {
  const large = rawFrame(login, 'x', 1025);
  assert.throws(() => new LoginReader().receive(large.subarray(0, 8)), {code: 'bad_request'});
  const reader = new LoginReader();
  assert.equal(reader.receive(rawFrame(login, 'x', 2)), undefined);
  assert.throws(() => reader.receive(Buffer.from('xx')), {code: 'bad_request'});
});

test('any other frame needs a login first', () => {
  for (const kind of [kinds.ping, kinds.get, 0, 0x49]) {
    const reader = new LoginReader();
    const frame = rawFrame(kind);
    assert.equal(reader.receive(frame.subarray(0, 7)), undefined);
    assert.throws(() => reader.receive(frame.subarray(7)), {
      code: 'unauthorized',
      message: /log in before the first request/,
    });
  }
});
