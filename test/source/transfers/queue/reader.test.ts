import assert from 'node:assert/strict';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {test} from 'node:test';
import {Reader} from '../../../../source/transfers/queue/reader.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {addNames, openStore, storedServer} from '../../../fixtures/queue/stored-queue.ts';

test('changes that could not be read are read later, even if no process writes again', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const other = openStore(t, file);
  const heard: number[] = [];
  const reader = new Reader(store, storedServer, {
    loaded: () => undefined,
    complete: () => undefined,
    changed: transfers => heard.push(...transfers.map(({id}) => id)),
  });
  t.after(() => reader.close());
  assert.deepEqual([reader.hasNews, reader.look(), reader.hasNews], [true, true, false]);
  const ids = addNames(other, ['a']);
  const holder = new DatabaseSync(file);
  t.after(() => holder.close());
  holder.exec('ALTER TABLE transfer RENAME TO elsewhere');
  assert.deepEqual([reader.hasNews, reader.look()], [true, false]);
  assert.equal(reader.hasNews, true);
  holder.exec('ALTER TABLE elsewhere RENAME TO transfer');
  assert.equal(reader.look(), true);
  assert.deepEqual(heard, ids);
});
