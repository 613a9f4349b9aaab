import assert from 'node:assert/strict';
import {
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {mendTime, stateOfFinished} from '../../../../source/transfers/disk/file-state.ts';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {mtimeMsOf, stateOf} from '../../../../source/transfers/terms/file-state.ts';
import {cannotCount, countDescriptors} from '../../../fixtures/descriptors.ts';
import {temporaryFolder, until} from '../../../fixtures/harness.ts';
import {openFolder} from '../../../fixtures/open-folder.ts';

const thereMs = 1_500_000_000_000;

test('a file that was rewritten after it was compared, with its old size and time, keeps this time', async t => {
  const path = temporaryFolder(t);
  using target = new TargetFolder(path);
  const folder = target.open([]);
  t.after(() => folder.release());
  const file = join(path, 'a');
  writeFileSync(file, 'right');
  utimesSync(file, 1_600_000_000, 1_600_000_000);
  const look = () => {
    const stats = statSync(file, {bigint: true});
    return {state: stateOf(stats), mtimeMs: mtimeMsOf(stats)};
  };
  const compared = look();
  // The clock of a file system advances in steps.
  await until(() => {
    writeFileSync(file, 'wrong');
    utimesSync(file, 1_600_000_000, 1_600_000_000);
    return look().state !== compared.state;
  });
  assert.equal(mendTime(folder, 'a', compared, thereMs), undefined);
  assert.equal(statSync(file).mtimeMs, 1_600_000_000_000);
  assert.equal(mendTime(folder, 'a', look(), thereMs), undefined);
  assert.equal(statSync(file).mtimeMs, thereMs);
});

test('a complete file with the right time is not opened, and one whose time is mended is closed', {
  skip: cannotCount,
}, t => {
  const folder = openFolder(t);
  const file = join(folder.path, 'a');
  writeFileSync(file, 'right');
  const stats = statSync(file, {bigint: true});
  const then = {state: stateOf(stats), mtimeMs: mtimeMsOf(stats)};
  const before = countDescriptors();
  assert.equal(mendTime(folder, 'not there', then, then.mtimeMs), undefined);
  mendTime(folder, 'a', then, thereMs);
  assert.equal(statSync(file).mtimeMs, thereMs);
  t.mock.method(disk, 'futimesSync', () => {
    throw Object.assign(new Error('EIO'), {code: 'EIO'});
  });
  const now = {state: stateOf(statSync(file, {bigint: true})), mtimeMs: thereMs};
  assert.throws(() => mendTime(folder, 'a', now, thereMs + 1), {code: 'EIO'});
  assert.equal(countDescriptors(), before);
});

test('a finished file has a state to remember while it is a file with its size and its time', t => {
  const folder = openFolder(t);
  const file = join(folder.path, 'a');
  const make = () => {
    rmSync(file, {recursive: true, force: true});
    writeFileSync(file, 'right');
    utimesSync(file, 1_600_000_000.25, 1_600_000_000.25);
  };
  const finished = () => stateOfFinished(folder, 'a', {size: 5, mtimeMs: 1_600_000_000_250});
  make();
  assert.equal(finished(), stateOf(statSync(file, {bigint: true})));
  utimesSync(file, 1_600_000_000.251, 1_600_000_000.251);
  assert.equal(finished(), undefined);
  truncateSync(file, 4);
  utimesSync(file, 1_600_000_000.25, 1_600_000_000.25);
  assert.equal(finished(), undefined);
  rmSync(file);
  assert.equal(finished(), undefined);
  mkdirSync(file);
  assert.equal(finished(), undefined);
  make();
  writeFileSync(join(folder.path, 'other'), 'right');
  rmSync(file);
  symlinkSync('other', file);
  assert.equal(finished(), undefined);
  assert.equal(
    stateOfFinished(folder, 'a/below', {size: 5, mtimeMs: 1_600_000_000_250}),
    undefined,
  );
});
