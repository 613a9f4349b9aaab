import assert from 'node:assert/strict';
import fs, {mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {suite, type TestContext, test} from 'node:test';
import {makeOwnFolder} from '../../../protocol/program/make-own-folder.ts';
import {temporaryFolder} from '../../fixtures/harness.ts';

const makeFolder = mkdirSync;

/** Calls `made` instead of `mkdirSync`. */
function replaceMkdir(t: TestContext, made: (path: string) => void) {
  const {mock} = t.mock.method(fs, 'mkdirSync', made);
  syncBuiltinESMExports();
  t.after(() => {
    mock.restore();
    syncBuiltinESMExports();
  });
  return mock;
}

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

  test('may be made by another process before each step', t => {
    const base = temporaryFolder(t);
    const path = join(base, 'a', 'b', 'c');
    replaceMkdir(t, path => {
      makeFolder(path);
      // It exists now, so this call fails as it does when another process was faster.
      makeFolder(path);
    });
    makeOwnFolder(path);
    assert.ok(statSync(path).isDirectory());
  });

  test('is made if another process makes the folder above it after the first attempt', t => {
    const above = join(temporaryFolder(t), 'a');
    replaceMkdir(t, path => {
      try {
        makeFolder(path);
      } catch (error) {
        makeFolder(above);
        throw error;
      }
    });
    makeOwnFolder(join(above, 'b'));
    assert.ok(statSync(join(above, 'b')).isDirectory());
  });

  test('is tried twice at most while the folder above it exists', t => {
    const base = temporaryFolder(t);
    const mkdir = replaceMkdir(t, () => {
      throw Object.assign(new Error('refused'), {code: 'ENOENT'});
    });
    assert.throws(() => makeOwnFolder(join(base, 'a')), {code: 'ENOENT'});
    assert.equal(mkdir.callCount(), 2);
  });
});
