import assert from 'node:assert/strict';
import {existsSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {deleteStoredPartial} from '../../../../source/commands/queue/delete-partial.ts';
import {path, temporaryFolder} from '../../../fixtures/harness.ts';
import {openStore} from '../../../fixtures/queue/stored-queue.ts';

test('a partial file is not deleted while another process saves to its place', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const folder = temporaryFolder(t);
  const partial = join(folder, 'a.jangada-part');
  writeFileSync(partial, 'half');
  const mine = openStore(t, file);
  const other = openStore(t, file);
  const transfer = {remotePath: path('a'), folder, localPath: 'a', onConflict: 'resume'} as const;
  mine.add('server', [transfer]);
  const [stored = assert.fail()] = mine.read(mine.idsIn(['queued'], 'server'));
  const place = join(folder, 'a');
  other.places.hold([place]);
  const stop = new AbortController();
  const waits = deleteStoredPartial(mine, stored, stop.signal);
  stop.abort();
  await assert.rejects(waits, {code: 'aborted'});
  assert.ok(existsSync(partial));

  other.places.release([place]);
  await deleteStoredPartial(mine, stored, new AbortController().signal);
  assert.equal(existsSync(partial), false);
  assert.equal(other.places.hold([place]).size, 0, 'nobody has it any more');
});
