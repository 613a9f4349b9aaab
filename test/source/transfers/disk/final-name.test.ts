import assert from 'node:assert/strict';
import {readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {
  demoteToPartial,
  giveFinalName,
  noHardLinks,
} from '../../../../source/transfers/disk/final-name.ts';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {openFolder} from '../../../fixtures/open-folder.ts';

for (const code of noHardLinks) {
  test(`if hard links fail with ${code}, an existing file of the final name is kept, and a free name is used`, t => {
    const path = temporaryFolder(t);
    using target = new TargetFolder(path);
    const folder = target.open([]);
    t.after(() => folder.release());
    t.mock.method(disk, 'linkSync', () => {
      throw Object.assign(new Error(code), {code});
    });
    writeFileSync(join(path, 'a.jangada-part'), 'fetched');
    writeFileSync(join(path, 'a'), 'other');
    assert.throws(
      () => giveFinalName(folder, 'a', {overwrite: false}),
      error => isJangadaError(error, 'exists'),
    );
    assert.equal(readFileSync(join(path, 'a'), 'utf8'), 'other');
    assert.equal(readFileSync(join(path, 'a.jangada-part'), 'utf8'), 'fetched');
    rmSync(join(path, 'a'));
    giveFinalName(folder, 'a', {overwrite: false});
    assert.deepEqual(readdirSync(path), ['a']);
    assert.equal(readFileSync(join(path, 'a'), 'utf8'), 'fetched');
  });
}

test('where a hard link fails for another reason the file gets no name in another way, and that is said', t => {
  const folder = openFolder(t);
  writeFileSync(join(folder.path, 'a.jangada-part'), 'fetched');
  t.mock.method(disk, 'linkSync', () => {
    throw Object.assign(new Error('EIO'), {code: 'EIO'});
  });
  assert.throws(() => giveFinalName(folder, 'a', {overwrite: false}), {
    code: 'local_io',
    message: `${join(folder.path, 'a')}: the disk reports an error`,
  });
  assert.deepEqual(readdirSync(folder.path), ['a.jangada-part']);
});

test('a file that has the name is replaced if it may be, and only then', t => {
  const folder = openFolder(t);
  const [file, part] = [join(folder.path, 'a'), join(folder.path, 'a.jangada-part')];
  writeFileSync(part, 'fetched');
  writeFileSync(file, 'other');
  assert.throws(() => giveFinalName(folder, 'a', {overwrite: false}), {code: 'exists'});
  assert.deepEqual([readFileSync(file, 'utf8'), readFileSync(part, 'utf8')], ['other', 'fetched']);
  giveFinalName(folder, 'a', {overwrite: true});
  assert.deepEqual(readdirSync(folder.path), ['a']);
  assert.equal(readFileSync(file, 'utf8'), 'fetched');
});

test('a finished file becomes its own partial; one that is not there is named in the error', t => {
  const folder = openFolder(t);
  writeFileSync(join(folder.path, 'a'), 'damaged');
  demoteToPartial(folder, 'a');
  assert.deepEqual(readdirSync(folder.path), ['a.jangada-part']);
  assert.throws(() => demoteToPartial(folder, 'a'), {
    code: 'local_io',
    message: `${join(folder.path, 'a')}: it does not exist`,
  });
});
