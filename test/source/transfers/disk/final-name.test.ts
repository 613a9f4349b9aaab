import assert from 'node:assert/strict';
import {readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {giveFinalName, noHardLinks} from '../../../../source/transfers/disk/final-name.ts';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';

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
