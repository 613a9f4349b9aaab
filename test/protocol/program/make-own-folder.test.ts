import assert from 'node:assert/strict';
import {mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {suite, test} from 'node:test';
import {makeOwnFolder} from '../../../protocol/program/make-own-folder.ts';

suite('a folder of this user', () => {
  test('is made with the folders above it, for this user alone, and may exist already', t => {
    const base = mkdtempSync(join(tmpdir(), 'jangada-own-'));
    t.after(() => rmSync(base, {recursive: true}));
    makeOwnFolder(join(base, 'a', 'b', 'c'));
    makeOwnFolder(join(base, 'a', 'b', 'c'));
    for (const folder of ['a', 'a/b', 'a/b/c']) {
      assert.equal(statSync(join(base, folder)).mode & 0o777, 0o700, folder);
    }

    writeFileSync(join(base, 'file'), '');
    assert.throws(() => makeOwnFolder(join(base, 'file')), {code: 'EEXIST'});
    assert.throws(() => makeOwnFolder(join(base, 'file', 'x')), {code: 'ENOTDIR'});
  });

  test('that the system refuses to make below an existing folder is an error, not an endless loop', {
    skip: process.platform !== 'linux' && 'only Linux has /proc',
  }, () => {
    assert.throws(() => makeOwnFolder('/proc/x/y'), {code: 'ENOENT'});
  });
});
