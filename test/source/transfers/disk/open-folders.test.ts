import assert from 'node:assert/strict';
import {
  closeSync,
  fstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {flusher} from '../../../../source/transfers/disk/flush.ts';
import {FolderMaker} from '../../../../source/transfers/disk/folders/folder-maker.ts';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {openFiles} from '../../../../source/transfers/disk/open-files.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {startHarness, temporaryFolder} from '../../../fixtures/harness.ts';

const descriptors = '/proc/self/fd';

test('unused folders are closed, however many were open at once', {
  skip: process.platform === 'linux' ? false : 'folders are held open on Linux alone',
}, t => {
  using target = new TargetFolder(temporaryFolder(t));
  const before = readdirSync(descriptors).length;
  const folders = Array.from({length: 300}, (_, index) => target.open([`folder-${index}`]));
  assert.ok(readdirSync(descriptors).length >= before + 300);
  for (const folder of folders) {
    folder.release();
  }

  assert.ok(readdirSync(descriptors).length <= before + 64);
});

test('a folder counts as made here as long as it is in use without a break', t => {
  const parent = temporaryFolder(t);
  using there = new TargetFolder(parent);
  using target = new TargetFolder(join(parent, 'new'));
  const folders = [there.open([]), target.open([]), target.open(['a']), target.open(['a', 'b'])];
  assert.deepEqual(
    folders.map(({isMade}) => isMade),
    [false, true, true, true],
  );
  const [, , made, below] = folders;
  made?.release();
  // The folder below still uses it.
  assert.equal(target.open(['a']).isMade, true);
  below?.release();
  assert.equal(target.open(['a', 'b']).isMade, false);
});

test('folders that are only made are closed, however many they are', {
  skip: process.platform === 'linux' ? false : 'folders are held open on Linux alone',
}, async t => {
  using target = new TargetFolder(temporaryFolder(t));
  const before = readdirSync(descriptors).length;
  const maker = new FolderMaker(flusher);
  for (let index = 0; index < 300; index++) {
    maker.make(target, `folder-${index}`);
  }

  assert.ok(readdirSync(descriptors).length <= before + 64);
  // Again, now that the folders exist.
  for (let index = 0; index < 300; index++) {
    assert.equal(maker.make(target, `folder-${index}`).made, false);
  }

  assert.ok(readdirSync(descriptors).length <= before + 64);
});

test('a new folder is flushed with the folder above it, even if that was closed and opened again', {
  skip: process.platform === 'linux' ? false : 'folders are held open on Linux alone',
}, t => {
  using target = new TargetFolder(temporaryFolder(t));
  // Too many to keep open. The folder above them was opened first, so it is closed first.
  const names = Array.from({length: 50}, (_, index) => ['above', `below-${index}`]);
  for (const [index, each] of names.entries()) {
    target.open(each).release();
    target.open([`beside-${index}`]).release();
  }

  for (const each of names.toReversed()) {
    const folder = target.open(each);
    for (const {realPath, open} of folder.toFlush()) {
      const fd = open();
      assert.ok(fd !== undefined);
      assert.equal(fstatSync(fd).ino, statSync(realPath).ino, realPath);
      closeSync(fd);
    }

    folder.release();
  }
});

test('the folders above new folders are flushed together, each once', {
  skip: process.platform === 'win32' && 'no folder can be flushed there',
}, async t => {
  const fsync = disk.fsync.bind(disk);
  let [running, most, flushed] = [0, 0, 0];
  t.mock.method(disk, 'fsync', (fd: number, done: (error: Error | null) => void) => {
    most = Math.max(most, ++running);
    fsync(fd, error => {
      running--;
      flushed++;
      done(error);
    });
  });
  using target = new TargetFolder(temporaryFolder(t));
  const made = new FolderMaker(flusher);
  for (const name of Array.from({length: 20}, (_, index) => `above-${index % 10}/below-${index}`)) {
    made.make(target, name);
  }

  await made.flush();
  // The folders in between, and the target folder.
  assert.equal(flushed, 11);
  assert.equal(most, 11);
  await made.flush();
  assert.equal(flushed, 11);
});

test('while folders are flushed, descriptors are left for sockets and files, and all folders are flushed', {
  skip: process.platform === 'linux' ? false : 'folders are held open on Linux alone',
}, async t => {
  const count = openFiles.folders + 50;
  using target = new TargetFolder(temporaryFolder(t));
  const folders = Array.from({length: count}, (_, index) => target.open([`folder-${index}`]));
  const before = readdirSync(descriptors).length;
  const fsync = disk.fsync.bind(disk);
  const flushed = new Set<number>();
  let most = 0;
  t.mock.method(disk, 'fsync', (fd: number, done: (error: Error | null) => void) => {
    most = Math.max(most, readdirSync(descriptors).length);
    flushed.add(fstatSync(fd).ino);
    fsync(fd, done);
  });
  await flusher.flushFolders(folders);
  for (const folder of folders) {
    assert.ok(flushed.has(statSync(folder.path).ino), folder.path);
    folder.release();
  }

  // Other threads of the process open a few files meanwhile. Without the bound, 50 more would be open.
  assert.ok(most - before <= openFiles.folders + 20, `${most - before}`);
});

test('a folder that was moved away between two downloads is made again', async t => {
  const {serve, root, target, download} = await startHarness(t);
  serve('d/a.txt', 'a');
  serve('d/b.txt', 'b');
  await download(['d/a.txt']);
  const elsewhere = join(root, '../elsewhere');
  renameSync(join(target, 'd'), elsewhere);
  const [row] = await download(['d/b.txt']);
  assert.deepEqual(row?.state, {name: 'done', outcome: 'verified'});
  assert.equal(readFileSync(join(target, 'd/b.txt'), 'utf8'), 'b');
  assert.deepEqual(readdirSync(elsewhere), ['a.txt']);
});

for (const [what, folder] of [
  ['a target folder', ''],
  ['a target folder with a folder in it', 'd/'],
] as const) {
  test(`${what} that was removed between two downloads is made again`, async t => {
    const {serve, target, download} = await startHarness(t);
    serve(`${folder}a.txt`, 'a');
    serve(`${folder}b.txt`, 'b');
    await download([`${folder}a.txt`]);
    rmSync(target, {recursive: true});
    const [row] = await download([`${folder}b.txt`]);
    assert.deepEqual(row?.state, {name: 'done', outcome: 'verified'});
    assert.equal(readFileSync(join(target, `${folder}b.txt`), 'utf8'), 'b');
  });
}
