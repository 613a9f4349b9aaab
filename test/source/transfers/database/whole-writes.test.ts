/** Many transfers written at once: all of them are stored, or none. */
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {test} from 'node:test';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {
  addNames,
  become,
  namesIn,
  newTransfer,
  openStore,
  statesIn,
  storedServer,
} from '../../../fixtures/queue/stored-queue.ts';
import {smallDisk} from '../../../fixtures/small-disk.ts';

test('on a full disk a change is refused as a whole, and the database can still be read', t => {
  const disk = smallDisk(t, 1);
  if (disk === undefined) {
    return;
  }

  const store = openStore(t, join(disk, 'queue.db'));
  const ids = addNames(store, ['a', 'b']);
  const many = Array.from({length: 20_000}, (_, index) => newTransfer(`file ${index}`));
  assert.throws(() => store.add(storedServer, many), {errcode: 13});
  assert.deepEqual(namesIn(store), ['a', 'b']);
  become(store, ids, {name: 'paused'});
  assert.deepEqual(statesIn(store), ['paused', 'paused']);
});

test('any number of slices is added in order, or nothing if one of them fails', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const slices = [['a', 'b'], [], ['c']].map(names => names.map(newTransfer));
  const ids = store.addAll(storedServer, slices);
  assert.deepEqual(namesIn(store), ['a', 'b', 'c']);
  assert.deepEqual(
    store.read(ids).map(({transfer}) => transfer.localPath),
    ['a', 'b', 'c'],
  );
  assert.throws(
    () =>
      store.addAll(
        storedServer,
        (function* () {
          yield [newTransfer('d')];
          throw new Error('interrupted');
        })(),
      ),
    /interrupted/,
  );
  assert.deepEqual(namesIn(store), ['a', 'b', 'c']);
});
