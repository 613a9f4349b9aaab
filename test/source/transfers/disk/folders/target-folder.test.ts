import assert from 'node:assert/strict';
import {existsSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {Flusher} from '../../../../../source/transfers/disk/flush.ts';
import {FolderMaker} from '../../../../../source/transfers/disk/folders/folder-maker.ts';
import {foldsNames} from '../../../../../source/transfers/disk/folders/folding-disk.ts';
import {TargetFolder} from '../../../../../source/transfers/disk/folders/target-folder.ts';
import {TargetFolders} from '../../../../../source/transfers/disk/folders/target-folders.ts';
import {disk} from '../../../../../source/transfers/system/disk.ts';
import {cannotCount, countDescriptors} from '../../../../fixtures/descriptors.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';

test('a name that would lead out of the target folder is refused, and nothing is made', t => {
  const path = join(temporaryFolder(t), 'target');
  using target = new TargetFolder(path);
  for (const name of ['', '.', '..', 'a/b', '/', '../x', 'a\0b']) {
    assert.throws(() => target.open(['in', name]), {code: 'unsafe_target'}, JSON.stringify(name));
  }

  assert.deepEqual(readdirSync(path, {recursive: true}), ['in']);
  assert.deepEqual(readdirSync(join(path, '..')), ['target']);
  const maker = new FolderMaker(new Flusher());
  assert.throws(() => maker.make(target, '../x'), {
    code: 'unsafe_target',
    message: 'The name would lead out of the target folder',
  });
  assert.equal(existsSync(join(path, '../x')), false);
});

test('a link or a file below the target folder is no folder to save to, and what is behind it is not touched', t => {
  const path = temporaryFolder(t);
  const elsewhere = temporaryFolder(t);
  symlinkSync(elsewhere, join(path, 'link'));
  writeFileSync(join(path, 'file'), '');
  using target = new TargetFolder(path);
  for (const name of ['link', 'file']) {
    for (const names of [[name], [name, 'below']]) {
      const said = {code: 'unsafe_target', message: new RegExp(`^${join(path, name)}: `)};
      assert.throws(() => target.open(names), said);
      assert.throws(() => target.openExisting(names), said);
    }
  }

  assert.deepEqual(readdirSync(elsewhere), []);
});

test('a folder that is only looked for is not made', t => {
  const path = temporaryFolder(t);
  using target = new TargetFolder(path);
  assert.equal(target.openExisting(['a']), undefined);
  mkdirSync(join(path, 'a'));
  assert.equal(target.openExisting(['a', 'b']), undefined);
  assert.equal(target.openExisting(['a'])?.path, join(path, 'a'));
  assert.equal(target.openExisting([])?.path, path);
  assert.deepEqual(readdirSync(path, {recursive: true}), ['a']);
});

test('a target folder that is closed holds no folder open', {skip: cannotCount}, t => {
  const before = countDescriptors();
  const path = temporaryFolder(t);
  const folders = new TargetFolders();
  const target = folders.at(path);
  assert.equal(folders.at(path), target);
  target.open(['a', 'b']);
  target.open(['c']).release();
  assert.equal(countDescriptors(), before + 4);
  folders[Symbol.dispose]();
  assert.equal(countDescriptors(), before);
  // Its descriptors may be those of other files by now.
  target[Symbol.dispose]();
  assert.equal(countDescriptors(), before);
});

test('a folder that is let go of twice is still open for whoever else uses it', {
  skip: cannotCount,
}, t => {
  const path = temporaryFolder(t);
  using target = new TargetFolder(path);
  const [one, other] = [target.open(['a']), target.open(['a'])];
  one.release();
  one.release();
  // Moved away: without a user it would be made anew.
  renameSync(join(path, 'a'), join(path, 'moved'));
  writeFileSync(other.at('file'), '');
  const third = target.open(['a']);
  writeFileSync(third.at('second'), '');
  assert.deepEqual(readdirSync(join(path, 'moved')).sort(), ['file', 'second']);
});

test('a target folder that was moved away is another one, unless it is in use', t => {
  const path = join(temporaryFolder(t), 'target');
  using folders = new TargetFolders();
  const target = folders.at(path);
  const used = target.open([]);
  renameSync(path, `${path}.moved`);
  mkdirSync(path);
  assert.equal(folders.at(path), target);
  used.release();
  assert.notEqual(folders.at(path), target);
});

test('a disk is tried out once, and nothing is left of that', t => {
  const folder = join(temporaryFolder(t), 'target');
  const folds = foldsNames(folder);
  assert.deepEqual(readdirSync(folder), []);
  let made = 0;
  const {mkdirSync} = disk;
  t.mock.method(disk, 'mkdirSync', (path: string) => {
    made++;
    mkdirSync(path);
  });
  renameSync(folder, `${folder}.moved`);
  assert.equal(foldsNames(folder), folds);
  assert.equal(made, 0);
  assert.equal(folds, existsSync(`${folder}.MOVED`));
});
