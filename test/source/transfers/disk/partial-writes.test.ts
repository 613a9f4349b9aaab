/** What is written to a partial, and what happens when the system does less than it was asked for. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {deletePartial, PartialFile} from '../../../../source/transfers/disk/partial-file.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {cannotCount, countDescriptors} from '../../../fixtures/descriptors.ts';
import {noise} from '../../../fixtures/harness.ts';
import {openFolder} from '../../../fixtures/open-folder.ts';

const part = '.jangada-part';

test('a block of which the system writes only a part at a time is written whole, in its place', async t => {
  const partial = new PartialFile(openFolder(t), 'a');
  t.after(() => partial.close());
  const {write} = disk;
  t.mock.method(disk, 'write', (...given: Parameters<typeof write>) => {
    const [fd, bytes, from, length, position, done] = given;
    write(fd, bytes, from, Math.min(length, 300), position, done);
  });
  const bytes = noise(1000);
  await partial.write(bytes, 1000, 500);
  assert.deepEqual(readFileSync(partial.path), Buffer.concat([Buffer.alloc(500), bytes]));
});

test('a write, a flush or a time that fails names the partial and says why', async t => {
  const folder = openFolder(t);
  const partial = new PartialFile(folder, 'a');
  t.after(() => partial.close());
  const error = Object.assign(new Error('ENOSPC'), {code: 'ENOSPC'});
  t.mock.method(disk, 'write', (...given: Parameters<typeof disk.write>) => given[5](error, 0));
  for (const name of ['fsync', 'fdatasync'] as const) {
    t.mock.method(disk, name, (_: number, done: (error: Error) => void) => done(error));
  }

  for (const name of ['ftruncateSync', 'futimesSync'] as const) {
    t.mock.method(disk, name, () => {
      throw error;
    });
  }

  const message = `${join(folder.path, `a${part}`)}: the disk is full; make room and try again`;
  const said = {code: 'no_space', message};
  await assert.rejects(partial.write(noise(5), 5, 0), said);
  await assert.rejects(partial.flush(), said);
  await assert.rejects(partial.flushData(), said);
  assert.throws(() => partial.truncate(1), said);
  assert.throws(() => partial.setTime(1_600_000_000_000), said);
});

test('a partial that is closed is another one’s to open, with the bytes that it has', async t => {
  const folder = openFolder(t);
  const first = new PartialFile(folder, 'a');
  assert.deepEqual([first.isNew, first.initialSize, first.isOpen], [true, 0, true]);
  await first.write(noise(7), 7, 0);
  first.close();
  assert.equal(first.isOpen, false);
  const second = new PartialFile(folder, 'a');
  t.after(() => second.close());
  assert.deepEqual([second.isNew, second.initialSize], [false, 7]);
  assert.deepEqual([second.isHoleFrom(6), second.isHoleFrom(7)], [false, true]);
});

test('a partial that is closed twice closes no file that was opened in between', {
  skip: cannotCount,
}, t => {
  const folder = openFolder(t);
  const partial = new PartialFile(folder, 'a');
  partial.close();
  const fd = openSync(join(folder.path, 'other'), 'w');
  assert.equal(fd, partial.fd);
  partial.close();
  assert.ok(fstatSync(fd).isFile());
  closeSync(fd);
  assert.throws(() => partial.rename({overwrite: false}));
});

test('a partial is still the file that was opened while nobody has touched or replaced it', t => {
  const folder = openFolder(t);
  writeFileSync(join(folder.path, `a${part}`), 'begun');
  const partial = new PartialFile(folder, 'a');
  t.after(() => partial.close());
  const isStill = () => partial.isStill(lstatSync(partial.path));
  assert.equal(isStill(), true);
  const {mtimeMs} = lstatSync(partial.path);
  utimesSync(partial.path, 1, 1);
  assert.equal(isStill(), false);
  utimesSync(partial.path, mtimeMs / 1000, mtimeMs / 1000);
  assert.equal(isStill(), true);
  appendFileSync(partial.path, 'more');
  utimesSync(partial.path, mtimeMs / 1000, mtimeMs / 1000);
  assert.equal(isStill(), false);
  const copy = join(folder.path, 'copy');
  writeFileSync(copy, 'begun');
  utimesSync(copy, mtimeMs / 1000, mtimeMs / 1000);
  assert.equal(partial.isStill(lstatSync(copy)), false);
});

for (const [what, swap] of [
  ['removed', (path: string) => renameSync(path, `${path}.moved`)],
  [
    'replaced',
    (path: string) => {
      renameSync(path, `${path}.moved`);
      writeFileSync(path, 'another');
    },
  ],
] as const) {
  test(`a partial that was ${what} gets no final name, and its descriptor is closed`, {
    skip: cannotCount,
  }, t => {
    const folder = openFolder(t);
    const before = countDescriptors();
    const partial = new PartialFile(folder, 'a');
    swap(partial.path);
    assert.throws(() => partial.rename({overwrite: true}), {
      code: 'unsafe_target',
      message: `${partial.path} was replaced while it was written`,
    });
    assert.equal(existsSync(join(folder.path, 'a')), false);
    assert.equal(partial.isOpen, false);
    assert.equal(countDescriptors(), before);
  });
}

test('what has the name of a partial and is no file is left alone', {
  skip: process.platform === 'win32' && 'there are no pipes among files',
}, t => {
  const folder = openFolder(t);
  const at = (name: string) => join(folder.path, name);
  writeFileSync(at('precious'), 'precious');
  symlinkSync('precious', at(`link${part}`));
  mkdirSync(at(`folder${part}`));
  execFileSync('mkfifo', [at(`pipe${part}`)]);
  for (const name of ['link', 'folder', 'pipe']) {
    assert.throws(() => new PartialFile(folder, name), {
      code: 'unsafe_target',
      message: `${at(name + part)} is not a plain file: remove it, or save somewhere else`,
    });
  }

  assert.equal(readFileSync(at('precious'), 'utf8'), 'precious');
});

test('a partial is deleted by its name, one that is not there is none to delete, and a failure says so', t => {
  const folder = openFolder(t);
  for (const name of ['a', 'b']) {
    writeFileSync(join(folder.path, name + part), 'begun');
  }

  deletePartial(folder, 'a');
  deletePartial(folder, 'a');
  assert.deepEqual(readdirSync(folder.path), [`b${part}`]);
  t.mock.method(disk, 'unlinkSync', () => {
    throw Object.assign(new Error('EROFS'), {code: 'EROFS'});
  });
  assert.throws(() => deletePartial(folder, 'b'), {
    code: 'local_io',
    message: `${join(folder.path, `b${part}`)}: the file system is read-only`,
  });
});
