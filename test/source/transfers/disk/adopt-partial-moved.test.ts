/** The step in which the file of `--from` gets the name of the partial. */
import assert from 'node:assert/strict';
import {
  linkSync,
  type PathLike,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {adoptPartial, placeOfPartial} from '../../../../source/transfers/disk/adopt-partial.ts';
import {noHardLinks} from '../../../../source/transfers/disk/final-name.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {cannotCount, countDescriptors} from '../../../fixtures/descriptors.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {openFolder} from '../../../fixtures/open-folder.ts';

const part = 'a.jangada-part';
const systemError = (code: string) => Object.assign(new Error(code), {code});

test('a file of another tool gets the name of the partial, and keeps no descriptor', {
  skip: cannotCount,
}, t => {
  const folder = openFolder(t);
  const elsewhere = temporaryFolder(t);
  const local = join(elsewhere, 'left');
  writeFileSync(local, 'begun');
  const before = countDescriptors();
  assert.equal(adoptPartial(folder, 'a', local), true);
  assert.deepEqual([readdirSync(folder.path), readdirSync(elsewhere)], [[part], []]);
  assert.equal(adoptPartial(folder, 'a', join(folder.path, part)), false);
  assert.equal(countDescriptors(), before);
});

for (const code of noHardLinks) {
  test(`where a hard link is refused with ${code} the file is renamed`, t => {
    const folder = openFolder(t);
    const elsewhere = temporaryFolder(t);
    const local = join(elsewhere, 'left');
    writeFileSync(local, 'begun');
    t.mock.method(disk, 'linkSync', () => {
      throw systemError(code);
    });
    assert.equal(adoptPartial(folder, 'a', local), true);
    assert.equal(readFileSync(join(folder.path, part), 'utf8'), 'begun');
    assert.deepEqual(readdirSync(elsewhere), []);
  });
}

test('where a hard link fails for another reason nothing is renamed', t => {
  const folder = openFolder(t);
  const local = join(temporaryFolder(t), 'left');
  writeFileSync(local, 'begun');
  t.mock.method(disk, 'linkSync', () => {
    throw systemError('EIO');
  });
  assert.throws(() => adoptPartial(folder, 'a', local), {
    code: 'local_io',
    message: `${local}: the disk reports an error`,
  });
  assert.deepEqual(readdirSync(folder.path), []);
  assert.equal(readFileSync(local, 'utf8'), 'begun');
});

test('a file whose old name cannot be removed keeps that one, and gets no other', t => {
  const folder = openFolder(t);
  const local = join(temporaryFolder(t), 'left');
  writeFileSync(local, 'begun');
  const {unlinkSync} = disk;
  t.mock.method(disk, 'unlinkSync', (path: PathLike) => {
    if (path === local) {
      throw systemError('EACCES');
    }

    unlinkSync(path);
  });
  assert.throws(() => adoptPartial(folder, 'a', local), {
    code: 'local_io',
    message: `${local}: permission denied`,
  });
  assert.deepEqual(readdirSync(folder.path), []);
  assert.equal(readFileSync(local, 'utf8'), 'begun');
});

test('the final file or the partial stays where it is though it has a second name, and only by its own name', t => {
  const folder = openFolder(t);
  for (const name of ['a', part]) {
    const other = join(temporaryFolder(t), name);
    writeFileSync(join(folder.path, name), 'begun');
    linkSync(join(folder.path, name), other);
    assert.equal(adoptPartial(folder, 'a', join(folder.path, name)), false);
    // The same file by another name, though that is called the same.
    assert.throws(() => adoptPartial(folder, 'a', other), {
      code: 'unsafe_target',
      message: /has a second name \(a hard link\)/,
    });
    renameSync(join(folder.path, name), join(folder.path, `${name}.done`));
  }
});

test('a partial belongs to the place of its final name, by the path without links, whether its folder is there or not', t => {
  const {path} = openFolder(t);
  assert.equal(placeOfPartial(join(path, part)), join(path, 'a'));
  assert.equal(placeOfPartial(join(path, 'left')), join(path, 'left'));
  assert.equal(placeOfPartial(join(path, 'none', part)), join(path, 'none', 'a'));
});
