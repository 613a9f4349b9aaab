import assert from 'node:assert/strict';
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {namesIn} from '../../../../../source/transfers/disk/folders/names-in.ts';
import {cannotCount, countDescriptors} from '../../../../fixtures/descriptors.ts';
import {openFolder} from '../../../../fixtures/open-folder.ts';

test('all names of a folder are read at once, with what is a file, if many of them are looked for', t => {
  const folder = openFolder(t);
  writeFileSync(join(folder.path, 'file'), '');
  mkdirSync(join(folder.path, 'folder'));
  symlinkSync('file', join(folder.path, 'link'));
  assert.deepEqual(
    new Map([...(namesIn(folder, 32) ?? [])].toSorted()),
    new Map([
      ['file', true],
      ['folder', false],
      ['link', false],
    ]),
  );
  assert.equal(namesIn(folder, 31), undefined);
});

test('the names of a folder that has far more of them than are looked for are not read', {
  skip: cannotCount,
}, t => {
  const folder = openFolder(t);
  const before = countDescriptors();
  // Four for each one that is looked for, and a thousand.
  const most = 4 * 32 + 1000;
  for (let index = 0; index < most; index++) {
    writeFileSync(join(folder.path, `f${index}`), '');
  }

  assert.equal(namesIn(folder, 32)?.size, most);
  writeFileSync(join(folder.path, 'one more'), '');
  assert.equal(namesIn(folder, 32), undefined);
  assert.equal(namesIn(folder, 33)?.size, most + 1);
  assert.equal(countDescriptors(), before);
});

test('names that cannot be read are looked up one by one', t => {
  const folder = openFolder(t);
  assert.equal(namesIn({...folder, at: () => join(folder.path, 'none')}, 100), undefined);
});
