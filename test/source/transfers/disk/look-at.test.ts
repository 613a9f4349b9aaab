import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {closeSync, mkdirSync, readSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import type {OpenFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {exactStats, lookAt, openForReading} from '../../../../source/transfers/disk/look-at.ts';
import {cannotCount, countDescriptors} from '../../../fixtures/descriptors.ts';
import {openFolder} from '../../../fixtures/open-folder.ts';

const skip = cannotCount;

/** A folder with a file, a link to it, a folder, and a pipe that nobody writes to. */
function withKinds(t: TestContext): OpenFolder {
  const folder = openFolder(t);
  writeFileSync(join(folder.path, 'file'), 'abc');
  symlinkSync('file', join(folder.path, 'link'));
  mkdirSync(join(folder.path, 'folder'));
  execFileSync('mkfifo', [join(folder.path, 'pipe')]);
  return folder;
}

test('a name is a file, something that must not be touched, or free', {skip}, t => {
  const folder = withKinds(t);
  assert.deepEqual(
    ['file', 'link', 'folder', 'pipe', 'none'].map(name => lookAt(folder, name).kind),
    ['file', 'other', 'other', 'other', 'nothing'],
  );
  const found = lookAt(folder, 'file');
  assert.equal(found.kind === 'file' && found.stats.size, 3);
  const {mtimeNs} = statSync(join(folder.path, 'file'), {bigint: true});
  assert.equal(exactStats(folder, 'file')?.mtimeNs, mtimeNs);
  for (const name of ['link', 'folder', 'pipe', 'none']) {
    assert.equal(exactStats(folder, name), undefined, name);
  }

  for (const look of [lookAt, exactStats]) {
    assert.throws(() => look(folder, 'x'.repeat(300)), {
      code: 'local_io',
      message: /x: the name is too long for this disk$/,
    });
  }
});

test('only a plain file is opened for reading, and nothing else keeps a descriptor or waits', {
  skip,
}, t => {
  const folder = withKinds(t);
  const before = countDescriptors();
  const fd = openForReading(folder, 'file');
  const bytes = Buffer.alloc(9);
  assert.equal(readSync(fd, bytes), 3);
  closeSync(fd);
  for (const [name, code, message] of [
    ['link', 'unsafe_target', /link: it is a symbolic link/],
    ['folder', 'unsafe_target', /folder is not a plain file: remove it, or save somewhere else$/],
    ['pipe', 'unsafe_target', /pipe is not a plain file/],
    ['none', 'local_io', /none: it does not exist$/],
  ] as const) {
    assert.throws(() => openForReading(folder, name), {code, message});
  }

  assert.equal(countDescriptors(), before);
});
