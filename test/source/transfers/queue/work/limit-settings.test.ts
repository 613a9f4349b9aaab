import assert from 'node:assert/strict';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {test} from 'node:test';
import {LimitSettings} from '../../../../../source/transfers/queue/work/limit-settings.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {openStore} from '../../../../fixtures/queue/stored-queue.ts';

test('an older limit of another process does not replace one that cannot be stored yet', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const other = openStore(t, file);
  const own = openStore(t, file);
  own.patienceMs = 0;
  const settings = new LimitSettings({}, own.limits);
  other.limits.save({files: 3});
  const holder = new DatabaseSync(file);
  t.after(() => holder.close());
  holder.exec('BEGIN IMMEDIATE');
  settings.change({...settings.current, files: 7});
  assert.equal(settings.look(), false);
  assert.equal(settings.current.files, 7);
  holder.exec('COMMIT');
  settings.flush();
  assert.equal(other.limits.read().limits.files, 7);
});
