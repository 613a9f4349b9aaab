import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdirSync, readdirSync, realpathSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {placeOf} from '../../../../source/commands/checksums/list-place.ts';
import {SystemLock} from '../../../../source/transfers/database/locks/system-lock.ts';
import {openDatabase} from '../../../../source/transfers/database/sqlite/open-database.ts';
import {foldsNames} from '../../../../source/transfers/disk/folders/folding-disk.ts';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {makePath} from '../../../../source/transfers/system/make-path.ts';
import {isNew} from '../../../../source/transfers/system/new-folders.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {smallDisk} from '../../../fixtures/small-disk.ts';

test('a folder is made with all missing folders above it, and an existing one stays', t => {
  const folder = temporaryFolder(t);
  makePath(join(folder, 'a/b/c'));
  assert.ok(statSync(join(folder, 'a/b/c')).isDirectory());
  writeFileSync(join(folder, 'a/b/c/file'), '');
  makePath(join(folder, 'a/b/c'));
  makePath(join(folder, 'a'));
  assert.deepEqual(readdirSync(join(folder, 'a/b/c')), ['file']);
});

test('links in the path are followed', t => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'there'));
  symlinkSync('there', join(folder, 'link'));
  makePath(join(folder, 'link/a/b'));
  assert.ok(statSync(join(folder, 'there/a/b')).isDirectory());
  makePath(join(folder, 'link'));
});

test('an error names a file or a dangling link where a folder has to be', t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), '');
  symlinkSync('nothing', join(folder, 'link'));
  const table: ReadonlyArray<[string, string]> = [
    ['file', 'a file'],
    ['link', 'a link that leads nowhere'],
  ];
  for (const [name, what] of table) {
    for (const below of ['', '/a', '/a/b/c']) {
      assert.throws(
        () => makePath(join(folder, name) + below),
        error =>
          isJangadaError(error, 'unsafe_target') &&
          error.message === `${join(folder, name)} is ${what}, but has to be a folder`,
        name + below,
      );
    }
  }
});

for (const code of ['EEXIST', 'EROFS']) {
  test(`a folder that another process makes at this moment is there, whatever the system says (${code}), and it is not new here`, t => {
    const folder = realpathSync(temporaryFolder(t));
    const {mkdirSync} = disk;
    t.mock.method(disk, 'mkdirSync', (path: string) => {
      mkdirSync(path);
      if (path === join(folder, 'a')) {
        throw Object.assign(new Error(code), {code});
      }
    });
    makePath(join(folder, 'a/b'));
    assert.ok(statSync(join(folder, 'a/b')).isDirectory());
    assert.deepEqual([isNew(join(folder, 'a')), isNew(join(folder, 'a/b'))], [false, true]);
  });
}

const noProc = process.platform === 'linux' ? false : '/proc is needed';

const placesToMake: ReadonlyArray<[string, (folder: string) => unknown]> = [
  ['a folder', makePath],
  ['a target folder', folder => new TargetFolder(folder)],
  ['a folder in a target folder', folder => new TargetFolder('/').open(folder.split('/').slice(1))],
  ['a disk that is tried out', foldsNames],
  ['the folder of a queue', folder => openDatabase(join(folder, 'queue.db'))],
  ['the folder of locks', folder => new SystemLock(join(folder, 'lock')).take()],
  ['the folder of a list of checksums', folder => placeOf(join(folder, 'SUMS'), '/')],
];

for (const [what, make] of placesToMake) {
  test(`${what} below /proc fails at once, with the true reason`, {skip: noProc}, async () => {
    for (const folder of ['/proc/x', '/proc/x/y/z']) {
      await assert.rejects(
        async () => await make(folder),
        error =>
          isJangadaError(error, 'local_io') &&
          error.message === '/proc/x: no folder can be made there',
      );
    }
  });

  test(`${what} on a read-only disk fails with that reason`, async t => {
    const folder = smallDisk(t, 1);
    if (folder !== undefined) {
      spawnSync('mount', ['-o', 'remount,ro', folder]);
      await assert.rejects(
        async () => await make(join(folder, 'a/b')),
        error =>
          isJangadaError(error, 'local_io') &&
          error.message === `${join(folder, 'a')}: the file system is read-only`,
      );
    }
  });
}
