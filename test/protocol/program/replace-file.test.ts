import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {suite, test} from 'node:test';
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
});
