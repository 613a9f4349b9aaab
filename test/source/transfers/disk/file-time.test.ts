import assert from 'node:assert/strict';
import {statSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {mendTime} from '../../../../source/transfers/disk/file-time.ts';
import {TargetFolder} from '../../../../source/transfers/disk/target-folder.ts';
import {temporaryFolder, until} from '../../../fixtures/harness.ts';

const thereMs = 1_500_000_000_000;

test('a file that was rewritten since it was compared, with its old size and time, keeps that time', async t => {
  const path = temporaryFolder(t);
  using target = new TargetFolder(path);
  const folder = target.open([]);
  t.after(() => folder.release());
  const file = join(path, 'a');
  writeFileSync(file, 'right');
  utimesSync(file, 1_600_000_000, 1_600_000_000);
  const compared = statSync(file);
  // The clock of a disk goes in steps.
  await until(() => {
    writeFileSync(file, 'wrong');
    utimesSync(file, 1_600_000_000, 1_600_000_000);
    return statSync(file).ctimeMs !== compared.ctimeMs;
  });
  assert.equal(mendTime(folder, 'a', compared, thereMs), undefined);
  assert.equal(statSync(file).mtimeMs, 1_600_000_000_000);
  assert.equal(mendTime(folder, 'a', statSync(file), thereMs), undefined);
  assert.equal(statSync(file).mtimeMs, thereMs);
});
