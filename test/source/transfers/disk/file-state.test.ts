import assert from 'node:assert/strict';
import {statSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {mendTime} from '../../../../source/transfers/disk/file-state.ts';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {mtimeMsOf, stateOf} from '../../../../source/transfers/terms/file-state.ts';
import {temporaryFolder, until} from '../../../fixtures/harness.ts';

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
