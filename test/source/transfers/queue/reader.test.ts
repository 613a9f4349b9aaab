import assert from 'node:assert/strict';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
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

test('a queue that cannot be read at first is read a moment later, unless it was closed meanwhile', async t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const ids = addNames(
    store,
    Array.from({length: 600}, (_, index) => `f${index}`),
  );
  const holder = new DatabaseSync(file);
  t.after(() => holder.close());
  holder.exec('ALTER TABLE transfer RENAME TO elsewhere');
  const start = () => {
    const slices: number[][] = [];
    let complete = 0;
    const reader = new Reader(store, storedServer, {
      loaded: transfers => slices.push(transfers.map(({id}) => id)),
      complete: () => complete++,
      changed: () => undefined,
    });
    reader.load();
    return {reader, slices, complete: () => complete};
  };
  const [first, second] = [start(), start()];
  assert.deepEqual([first.slices, first.reader.loading], [[], true]);
  assert.equal(first.reader.addedMs(ids[0] ?? 0), undefined);
  second.reader.close();
  assert.equal(second.reader.loading, false);
  holder.exec('ALTER TABLE elsewhere RENAME TO transfer');
  t.mock.timers.tick(249);
  assert.deepEqual(first.slices, []);
  t.mock.timers.tick(1);
  assert.deepEqual(first.slices, [ids.slice(0, 250)]);
  assert.deepEqual([first.reader.unread?.total, first.reader.unread?.counts.queued], [350, 350]);
  while (first.complete() === 0) {
    await turn();
  }

  assert.deepEqual(first.slices.flat(), ids);
  assert.deepEqual([first.complete(), first.reader.loading], [1, false]);
  assert.equal(first.reader.unread, undefined);
  assert.ok((first.reader.addedMs(ids[0] ?? 0) ?? 0) > 0);
  assert.deepEqual([second.slices, second.complete()], [[], 0]);
});
