import assert from 'node:assert/strict';
import fs, {closeSync, openSync, writeFileSync} from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import {join} from 'node:path';
import {test} from 'node:test';
import {readFully} from '../../protocol/read-fully.ts';
import {temporaryFolder} from '../fixtures/harness.ts';

test('a file is read from a position, and as far as it goes', t => {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, 'abcdefgh');
  const descriptor = openSync(file, 'r');
  t.after(() => closeSync(descriptor));
  const read = (length: number, position: number) => {
    const buffer = Buffer.alloc(10, '.');
    const count = readFully(descriptor, buffer, length, position);
    return [count, buffer.toString()];
  };
  const whole = [
    [3, 'cde.......'],
    [2, 'gh........'],
    [0, '..........'],
    [0, '..........'],
  ];
  const all = () => [read(3, 2), read(5, 6), read(5, 8), read(0, 2)];
  assert.deepEqual(all(), whole);

  // A call of the system may read fewer bytes than were asked for.
  const {readSync} = fs;
  t.mock.method(fs, 'readSync', (...given: [number, Buffer, number, number, number]) => {
    const [fd, buffer, offset, length, position] = given;
    return readSync(fd, buffer, offset, Math.min(length, 2), position);
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  assert.deepEqual(all(), whole);
});
