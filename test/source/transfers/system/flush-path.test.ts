import assert from 'node:assert/strict';
import {chmodSync, realpathSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {flusher} from '../../../../source/transfers/disk/flush.ts';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {flushNamesOf, openToFlush} from '../../../../source/transfers/system/flush-path.ts';
import {makePath} from '../../../../source/transfers/system/make-path.ts';
import {
  isNew,
  nameFlushed,
  newIn,
  noteNew,
} from '../../../../source/transfers/system/new-folders.ts';
import {cannotCount, countDescriptors} from '../../../fixtures/descriptors.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {cannotRecord, recordDisk} from '../../../fixtures/record-disk.ts';
import {asNobody, setMode} from '../../../fixtures/server/as-nobody.ts';

test('the folders above newly made folders are flushed, each once', {
  skip: cannotRecord,
}, t => {
  const folder = realpathSync(temporaryFolder(t));
  makePath(join(folder, 'a/b'));
  const calls = recordDisk(t, folder);
  flushNamesOf(join(folder, 'a/b'));
  assert.deepEqual(calls, ['fsync a', 'fsync .']);
  flushNamesOf(join(folder, 'a/b'));
  assert.equal(calls.length, 2);
});

test('a folder that may be written but not read cannot be opened to flush it, and that is no error', {
  skip: process.platform === 'win32',
}, async t => {
  const path = temporaryFolder(t);
  setMode(path, 0o300);
  try {
    using _nobody = asNobody();
    using target = new TargetFolder(path);
    const folder = target.open([]);
    assert.equal(openToFlush(path), undefined);
    await flusher.flushFolders([folder]);
    folder.release();
  } finally {
    chmodSync(path, 0o700);
  }
});

for (const [code, fails] of [
  ['EINVAL', false],
  ['ENOTSUP', false],
  ['EIO', true],
] as const) {
  test(`a folder whose names are flushed with ${code} is closed, and ${fails ? 'flushed again next time' : 'that is all that this disk can do'}`, {
    skip: cannotCount,
  }, t => {
    const folder = realpathSync(temporaryFolder(t));
    const before = countDescriptors();
    makePath(join(folder, 'a'));
    t.mock.method(disk, 'fsyncSync', () => {
      throw Object.assign(new Error(code), {code});
    });
    const flush = () => flushNamesOf(join(folder, 'a'));
    if (fails) {
      assert.throws(flush, {code: 'local_io', message: `${folder}: the disk reports an error`});
    } else {
      flush();
    }

    assert.equal(isNew(join(folder, 'a')), fails);
    assert.equal(countDescriptors(), before);
    nameFlushed([join(folder, 'a')]);
  });
}

test('a folder that cannot be opened to flush it is named', t => {
  const folder = temporaryFolder(t);
  rmSync(folder, {recursive: true});
  assert.throws(() => openToFlush(folder, 'my folder'), {
    code: 'local_io',
    message: 'my folder: it does not exist',
  });
});

test('a new folder is new until its name is flushed, and the others beside it stay new', () => {
  const [a, b] = ['/to/new/a', '/to/new/b'];
  noteNew(a);
  noteNew(b);
  noteNew('/to/new');
  assert.deepEqual([newIn('/to/new'), newIn('/to')], [[a, b], ['/to/new']]);
  nameFlushed([a]);
  assert.deepEqual([isNew(a), isNew(b), newIn('/to/new')], [false, true, [b]]);
  nameFlushed([b, '/to/new', '/to/other']);
  assert.deepEqual([isNew(b), isNew('/to/new'), newIn('/to/new')], [false, false, []]);
});
