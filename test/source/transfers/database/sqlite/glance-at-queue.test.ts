import assert from 'node:assert/strict';
import {existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {test} from 'node:test';
import {glanceAtQueue} from '../../../../../source/transfers/database/sqlite/glance-at-queue.ts';
import {cannotCount, countDescriptors} from '../../../../fixtures/descriptors.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {addNames, become, openStore} from '../../../../fixtures/queue/stored-queue.ts';

test('the first thousand transfers in some states are read, in the order of their numbers', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const ids = addNames(
    store,
    Array.from({length: 1003}, (_, index) => `sub/é ${index}`),
  );
  const [a = 0, b = 0] = ids;
  become(store, [a], {name: 'paused'});
  store.save({removed: [b]});
  const queued = glanceAtQueue(file, ['queued', 'running']);
  assert.deepEqual(
    queued.map(({id}) => id),
    ids.slice(2, 1002),
  );
  assert.deepEqual(queued[0], {id: ids[2], state: 'queued', path: 'sub/é 2'});
  assert.deepEqual(glanceAtQueue(file, ['paused', 'failed']), [
    {id: a, state: 'paused', path: 'sub/é 0'},
  ]);
  assert.deepEqual(glanceAtQueue(file, []), []);
});

test('where there is no queue none is made, and nothing but a file is opened', t => {
  const folder = temporaryFolder(t);
  openStore(t, join(folder, 'real.db'));
  mkdirSync(join(folder, 'folder.db'));
  symlinkSync('real.db', join(folder, 'link.db'));
  const before = readdirSync(folder);
  for (const name of ['none.db', 'folder.db', 'link.db']) {
    assert.deepEqual(glanceAtQueue(join(folder, name), ['queued']), []);
  }

  assert.deepEqual(readdirSync(folder), before);
  assert.ok(!existsSync(join(folder, 'none.db')));
});

test('a row that makes no sense is left out, and the database is neither changed nor kept open', {
  skip: cannotCount,
}, t => {
  const file = join(temporaryFolder(t), 'queue.db');
  {
    using store = openStore(t, file);
    addNames(store, ['a', 'b']);
  }

  const db = new DatabaseSync(file);
  db.exec("UPDATE transfer SET state = 'exploded' WHERE id = 1; PRAGMA user_version = 3");
  db.close();
  const bytes = readFileSync(file);
  const before = countDescriptors();
  assert.deepEqual(
    glanceAtQueue(file, ['queued', 'exploded']).map(({id}) => id),
    [2],
  );
  assert.ok(readFileSync(file).equals(bytes));
  assert.equal(countDescriptors(), before);
});
