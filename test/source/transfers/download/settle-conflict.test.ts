import assert from 'node:assert/strict';
import {mkdirSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {PartialFile} from '../../../../source/transfers/disk/partial-file.ts';
import {
  freeName,
  isNewer,
  looksLike,
  settleConflict,
} from '../../../../source/transfers/download/settle-conflict.ts';
import type {ConflictPolicy} from '../../../../source/transfers/terms/conflict-policy.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';

const mtimeMs = 1_700_000_000_000;
const skip = process.platform === 'win32' && 'links need a right on Windows';

/** A folder with a file, a folder and a link. */
function startFolder(t: TestContext) {
  const target = new TargetFolder(temporaryFolder(t));
  const folder = target.open([]);
  t.after(() => {
    folder.release();
    target[Symbol.dispose]();
  });
  const at = (name: string) => join(target.path, name);
  writeFileSync(at('file'), 'here');
  utimesSync(at('file'), mtimeMs / 1000, mtimeMs / 1000);
  mkdirSync(at('folder'));
  symlinkSync('file', at('link'));
  const settle = (name: string, onConflict: ConflictPolicy, thereMs = mtimeMs) =>
    settleConflict({folder, name, onConflict}, thereMs);
  return {folder, at, settle};
}

test('a name that is free is taken with every policy', {skip}, t => {
  const {settle} = startFolder(t);
  for (const policy of ['fail', 'skip', 'rename', 'overwrite', 'resume', 'newer'] as const) {
    assert.equal(settle('none', policy), 'go on');
  }
});

test('what has the name stays with skip and rename, whatever it is', {skip}, t => {
  const {settle} = startFolder(t);
  for (const name of ['file', 'folder', 'link']) {
    assert.equal(settle(name, 'skip'), 'skip');
    assert.equal(settle(name, 'rename'), 'rename');
  }
});

test('a folder or a link is never replaced, and the error says what to do', {skip}, t => {
  const {settle, at} = startFolder(t);
  for (const name of ['folder', 'link']) {
    for (const policy of ['fail', 'overwrite', 'resume', 'newer'] as const) {
      assert.throws(() => settle(name, policy), {
        code: 'unsafe_target',
        message: `${at(name)} is a folder, a link or a device, and is never replaced: remove it, or save somewhere else`,
      });
    }
  }
});

test('a file is replaced with overwrite and resume, and with fail it is named', {skip}, t => {
  const {settle, at} = startFolder(t);
  assert.equal(settle('file', 'overwrite'), 'go on');
  assert.equal(settle('file', 'resume'), 'go on');
  assert.throws(() => settle('file', 'fail'), {
    code: 'exists',
    message: `${at('file')} exists already`,
  });
});

test('with newer a file is replaced by one that is more than two seconds newer', {skip}, t => {
  const {settle} = startFolder(t);
  for (const [laterMs, how] of [
    [-5000, 'skip'],
    [0, 'skip'],
    [2000, 'skip'],
    [2001, 'go on'],
  ] as const) {
    assert.equal(settle('file', 'newer', mtimeMs + laterMs), how, `${laterMs} ms`);
    assert.equal(isNewer(mtimeMs + laterMs, mtimeMs), how === 'go on');
  }
});

test('a file looks like another one with its name, its size, and its time within two seconds', {
  skip,
}, t => {
  const {folder} = startFolder(t);
  for (const [name, size, laterMs, looks] of [
    ['file', 4, 0, true],
    ['file', 4, 2000, true],
    ['file', 4, -2000, true],
    ['file', 4, 2001, false],
    ['file', 4, -2001, false],
    ['file', 5, 0, false],
    ['link', 4, 0, false],
    ['none', 4, 0, false],
  ] as const) {
    const remote = {size, mtimeMs: mtimeMs + laterMs};
    assert.equal(looksLike(folder, name, remote), looks, `${name} ${size} ${laterMs}`);
  }
});

test('a free name has the first number that nothing has, from 2 on', {skip}, t => {
  const {folder, at} = startFolder(t);
  assert.equal(freeName(folder, 'a.txt'), 'a (2).txt');
  writeFileSync(at('a (2).txt'), '');
  symlinkSync('nowhere', at('a (3).txt'));
  mkdirSync(at('a (5).txt'));
  assert.equal(freeName(folder, 'a.txt'), 'a (4).txt');
});

test('a free name is not the one that another transfer here writes', {skip}, t => {
  const {folder} = startFolder(t);
  const other = new PartialFile(folder, 'a (2).txt');
  assert.equal(freeName(folder, 'a.txt'), 'a (3).txt');
  // An interrupted transfer continues its partial.
  other.close();
  assert.equal(freeName(folder, 'a.txt'), 'a (2).txt');
});
