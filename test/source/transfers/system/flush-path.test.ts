import assert from 'node:assert/strict';
import {realpathSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {flushNamesOf} from '../../../../source/transfers/system/flush-path.ts';
import {makePath} from '../../../../source/transfers/system/make-path.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {cannotRecord, recordDisk} from '../../../fixtures/record-disk.ts';

test('of folders that were just made those that they lie in are flushed, each once', {
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
