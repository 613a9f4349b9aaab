import assert from 'node:assert/strict';
import {chmodSync, realpathSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {flusher} from '../../../../source/transfers/disk/flush.ts';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {flushNamesOf, openToFlush} from '../../../../source/transfers/system/flush-path.ts';
import {makePath} from '../../../../source/transfers/system/make-path.ts';
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
