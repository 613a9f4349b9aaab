import assert from 'node:assert/strict';
import fs, {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {suite, test} from 'node:test';
import {openFileCount} from '../../../protocol/program/open-file-limit.ts';
import {replaceFile} from '../../../protocol/program/replace-file.ts';

suite('a file that is replaced', () => {
  test('has the new text, for this user alone, whatever else is in its folder', t => {
    const folder = mkdtempSync(join(tmpdir(), 'jangada-replace-'));
    t.after(() => rmSync(folder, {recursive: true}));
    const file = join(folder, 'file');
    writeFileSync(file, 'before', {mode: 0o644});
    writeFileSync(`${file}.${process.pid}`, 'left by a process of this number', {mode: 0o666});
    replaceFile(file, 'after');
    assert.equal(readFileSync(file, 'utf8'), 'after');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), ['file']);
  });

  test('keeps its old text if that fails, and no other file is left', t => {
    const folder = mkdtempSync(join(tmpdir(), 'jangada-replace-'));
    t.after(() => rmSync(folder, {recursive: true}));
    mkdirSync(join(folder, 'file', 'full'), {recursive: true});
    assert.throws(() => replaceFile(join(folder, 'file'), 'text'), {syscall: 'rename'});
    assert.deepEqual(readdirSync(folder), ['file']);
    assert.throws(() => replaceFile(join(folder, 'no', 'file'), 'text'), {code: 'ENOENT'});
  });

  test('is on the disk before it has its name, and no descriptor stays open', t => {
    const folder = mkdtempSync(join(tmpdir(), 'jangada-replace-'));
    t.after(() => rmSync(folder, {recursive: true}));
    const file = join(folder, 'file');
    const calls: string[] = [];
    const {closeSync, fsyncSync, renameSync} = fs;
    t.mock.method(fs, 'fsyncSync', (fd: number) => {
      calls.push(`flush ${fs.fstatSync(fd).size}`);
      fsyncSync(fd);
    });
    t.mock.method(fs, 'closeSync', (fd: number) => {
      calls.push('close');
      closeSync(fd);
    });
    t.mock.method(fs, 'renameSync', (from: string, to: string) => {
      calls.push('rename');
      renameSync(from, to);
    });
    syncBuiltinESMExports();
    t.after(() => {
      t.mock.restoreAll();
      syncBuiltinESMExports();
    });
    replaceFile(file, 'text');
    assert.deepEqual(calls, ['flush 4', 'close', 'rename']);
    const before = openFileCount();
    assert.throws(() => replaceFile(folder, 'text'));
    assert.equal(openFileCount(), before);
  });
});
