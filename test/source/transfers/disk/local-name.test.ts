import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {hash} from 'node:crypto';
import {join} from 'node:path';
import {test} from 'node:test';
import {nameFromBytes, parseRemotePath} from '../../../../protocol/remote-path.ts';
import {
  finalName,
  isLocalPath,
  localName,
  localNames,
  namesBelow,
  numberedName,
  partialName,
  savedAs,
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

test('a file is saved below its target folder, in whatever form the folder is written', () => {
  const remotePath = parseRemotePath('sub/barco.jpg');
  for (const folder of [
    '/to/here',
    '/to/here/',
    '/to//x/../here',
    '/',
    '',
    '.',
    './',
    '..',
    'to',
  ]) {
    const saved = savedAs({folder, localPath: 'sub/barco.jpg', remotePath});
    assert.equal(saved, join(folder, 'sub', 'barco.jpg'), folder);
  }

  const folder = '/to';
  assert.equal(savedAs({folder, localPath: `sub/${latin1}`, remotePath}), '/to/sub/caf%E9');
  assert.equal(savedAs({folder, localPath: 'sub/a', remotePath}, 'b'), '/to/sub/b');
  // This path is not below the target folder, so only the file name is used.
  assert.equal(savedAs({folder, localPath: '../a', remotePath}), '/to/barco.jpg');
});

test('a partial file has the suffix, and a name that is too long for it is cut but stays unique', () => {
  assert.equal(partialName('x.bin'), 'x.bin.jangada-part');
  const long = 'é'.repeat(127);
  const other = `${'é'.repeat(126)}e`;
  for (const name of [long, other]) {
    assert.ok(Buffer.byteLength(partialName(name)) <= 255);
    assert.ok(partialName(name).endsWith('.jangada-part'));
  }

  assert.notEqual(partialName(long), partialName(other));
});

const bytesOf = (name: string) => Buffer.byteLength(name);

test('an escaped name that is too long is cut, keeps its extension, and stays unique', () => {
  const raw = (end: string) => nameFromBytes(Buffer.from(`${'\xe9'.repeat(200)}${end}`, 'latin1'));
  const names = [raw('.jpg'), raw('x.jpg'), raw('.png')].map(name => localName(name, 'linux'));
  assert.equal(new Set(names).size, 3);
  for (const name of names) {
    assert.equal(bytesOf(name), 255);
    assert.match(name, /^(?:%E9)+.*~[0-9a-f]{16}\.(?:jpg|png)$/);
    assert.equal(localName(name, 'linux'), name);
  }
});

test('an escaped name also fits on Windows', () => {
  assert.ok(bytesOf(localName(`${'?'.repeat(250)}.txt`, 'win32')) <= 255);
  assert.ok(bytesOf(localName(`${'é?'.repeat(80)}.${'x'.repeat(90)}`, 'win32')) <= 255);
});

test('a name that needs no escape is never cut', () => {
  assert.equal(localName('é'.repeat(127), 'linux'), 'é'.repeat(127));
});

test('a numbered name that is too long is cut before its number, and stays unique', () => {
  const names = [`${'x'.repeat(250)}.jpg`, `${'x'.repeat(249)}y.jpg`, 'é'.repeat(127)];
  const numbered = names.flatMap(name => [numberedName(name, 2), numberedName(name, 12)]);
  assert.equal(new Set(numbered).size, 6);
  for (const name of numbered) {
    assert.ok(bytesOf(name) <= 255, name);
    assert.match(name, /~[0-9a-f]{16} \((?:2|12)\)(?:\.jpg)?$/);
  }

  const all = 'x.'.padEnd(255, 'y');
  assert.ok(bytesOf(numberedName(all, 2)) <= 255);
});

test('the partial file of a cut name fits, too', () => {
  const raw = nameFromBytes(Buffer.from('\xe9'.repeat(200), 'latin1'));
  const partial = partialName(numberedName(localName(raw, 'linux'), 99));
  assert.ok(bytesOf(partial) <= 255);
  assert.ok(partial.endsWith('.jangada-part'));
});

test('the names of partial files of long names never change', () => {
  assert.equal(
    partialName('x'.repeat(255)),
    `${'x'.repeat(225)}~${hash('sha256', 'x'.repeat(255)).slice(0, 16)}.jangada-part`,
  );
});

test('a numbered name keeps its extension', () => {
  assert.equal(numberedName('barco.jpg', 2), 'barco (2).jpg');
  assert.equal(numberedName('.profile', 3), '.profile (3)');
  assert.equal(numberedName('README', 2), 'README (2)');
});

test('the final name is the last part of a path, as this disk writes it, and none of a path that leads elsewhere', {
  skip: process.platform === 'win32' && 'other names are changed there',
}, () => {
  for (const [path, name] of [
    ['a', 'a'],
    ['sub/barco.jpg', 'barco.jpg'],
    ['sub/-~!0 x.', '-~!0 x.'],
    ['sub/.profile', '.profile'],
    [`sub/${latin1}`, 'caf%E9'],
    ['sub/é', 'é'],
    ['', undefined],
    ['.', undefined],
    ['..', undefined],
    ['sub/..', undefined],
    ['sub/.', undefined],
    ['sub/', undefined],
    ['a\0b', undefined],
    ['x'.repeat(256), undefined],
    ['x'.repeat(255), 'x'.repeat(255)],
  ] as const) {
    assert.equal(finalName(path), name, JSON.stringify(path));
    assert.equal(localNames(path)?.at(-1), name, JSON.stringify(path));
    assert.equal(isLocalPath(path), name !== undefined && path !== `sub/${latin1}`);
  }
});

test('a chosen name replaces the last part alone', () => {
  assert.deepEqual(namesBelow('a/b/c'), ['a', 'b', 'c']);
  assert.deepEqual(namesBelow('a/b/c', 'c (2)'), ['a', 'b', 'c (2)']);
  assert.equal(namesBelow('../c', 'c (2)'), undefined);
});
