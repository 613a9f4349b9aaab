import assert from 'node:assert/strict';
import {syncBuiltinESMExports} from 'node:module';
import os, {type NetworkInterfaceInfo} from 'node:os';
import {type TestContext, test} from 'node:test';
import {sharedAddress} from '../../../server/doors/shown-address.ts';
import {goodToken, testDoor} from '../../fixtures/door.ts';

/** From now on, this machine has these addresses. */
function setAddresses(t: TestContext, ...addresses: Array<[address: string, internal?: true]>) {
  const infos = addresses.map(([address, internal = false]) => ({
    ...{address, internal, family: address.includes(':') ? 'IPv6' : 'IPv4'},
  }));
  // It has the fields that are read.
  const mocked = t.mock.method(os, 'networkInterfaces', () => ({
    eth0: infos as NetworkInterfaceInfo[],
    none: undefined,
  }));
  syncBuiltinESMExports();
  t.after(() => {
    mocked.mock.restore();
    syncBuiltinESMExports();
  });
}

test('a server on all addresses shows one that other machines can reach', t => {
  setAddresses(t, ['127.0.0.1', true], ['fe80::1'], ['2001:db8::1'], ['192.0.2.7']);
  assert.equal(sharedAddress('0.0.0.0', 7, {}), 'jangada://192.0.2.7:7');
  assert.equal(sharedAddress('::', 7, {}), 'jangada://192.0.2.7:7');
  for (const host of ['127.0.0.1', '192.0.2.9', 'files.example.org']) {
    assert.equal(sharedAddress(host, 7, {}), `jangada://${host}:7`);
  }
});

test('a server that may not see the addresses of its machine shows the one on which it listens', t => {
  const mocked = t.mock.method(os, 'networkInterfaces', () => {
    throw new Error('uv_interface_addresses returned Unknown system error 97');
  });
  syncBuiltinESMExports();
  t.after(() => {
    mocked.mock.restore();
    syncBuiltinESMExports();
  });
  assert.equal(sharedAddress('0.0.0.0', 7, {}), 'jangada://0.0.0.0:7');
  assert.equal(sharedAddress('192.0.2.9', 7, {}), 'jangada://192.0.2.9:7');
});

test('an address of IPv6 is shown only by a server that listens there, and none of a single link', t => {
  setAddresses(t, ['::1', true], ['FE80::1'], ['2001:db8::1']);
  assert.equal(sharedAddress('::', 7, {}), 'jangada://[2001:db8::1]:7');
  assert.equal(sharedAddress('0.0.0.0', 7, {}), 'jangada://0.0.0.0:7');
});

test('an address has the fingerprint of TLS, and the token only where the door shows it', t => {
  const door = testDoor(t);
  const tail = `127.0.0.1:7#sha256:${door.tls?.fingerprint}`;
  assert.equal(sharedAddress('127.0.0.1', 7, door), `jangadas://${goodToken}@${tail}`);
  for (const showsToken of [false, undefined]) {
    assert.equal(sharedAddress('127.0.0.1', 7, {...door, showsToken}), `jangadas://${tail}`);
  }

  const plain = {...door, tls: undefined};
  assert.equal(sharedAddress('127.0.0.1', 7, plain), 'jangada://127.0.0.1:7');
});
