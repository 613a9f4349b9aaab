import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {nameFromBytes} from '../../../../protocol/remote-path.ts';
import {
  localName,
  numberedName,
  partialName,
} from '../../../../source/transfers/disk/local-name.ts';

const latin1 = nameFromBytes(Buffer.from('caf\xe9', 'latin1'));

const table: ReadonlyArray<[NodeJS.Platform, string, string]> = [
  ['linux', 'barco.jpg', 'barco.jpg'],
  ['linux', 'a\\b: c?', 'a\\b: c?'],
  ['linux', latin1, 'caf%E9'],
  ['win32', 'a\\b', 'a%5Cb'],
  ['win32', 'f:stream', 'f%3Astream'],
  ['win32', 'CON', '%43ON'],
  ['win32', 'com1.txt', '%63om1.txt'],
  ['win32', 'console', 'console'],
  ['win32', 'end. ', 'end%2E%20'],
];

for (const [platform, name, expected] of table) {
  test(`13: on ${platform}, ${JSON.stringify(name)} is saved as ${expected}`, () => {
    assert.equal(localName(name, platform), expected);
  });
}

test('a partial carries the suffix, and a name too long for it is cut but stays its own', () => {
  assert.equal(partialName('x.bin'), 'x.bin.jangada-part');
  const long = 'é'.repeat(127);
  const other = `${'é'.repeat(126)}e`;
  for (const name of [long, other]) {
    assert.ok(Buffer.byteLength(partialName(name)) <= 255);
    assert.ok(partialName(name).endsWith('.jangada-part'));
  }

  assert.notEqual(partialName(long), partialName(other));
});

test('a numbered name keeps its extension', () => {
  assert.equal(numberedName('barco.jpg', 2), 'barco (2).jpg');
  assert.equal(numberedName('.profile', 3), '.profile (3)');
  assert.equal(numberedName('README', 2), 'README (2)');
});
