import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {QueueStore} from '../../../../../source/transfers/database/queue-store.ts';
import {until} from '../../../../fixtures/harness.ts';
import {startPlace} from '../../../../fixtures/queue/shared-place.ts';

test('every folder of a group of small files is free for other processes afterwards', async t => {
  const place = await startPlace(t);
  const folders = ['one', 'two', 'three'].map(name => join(place.target, name));
  writeFileSync(join(place.root, 'a'), 'a');
  using other = new QueueStore(place.database);
  const held = () =>
    folders.filter(folder => other.places.smallFilesHolder(join(folder, 'a')) !== undefined);
  const {queue} = place.open();
  const told: number[] = [];
  t.after(queue.subscribe(() => told.push(held().length)));
  queue.add(folders.map(folder => ({...place.transfer('a'), folder, size: 1})));
  await queue.idle();
  assert.equal(queue.snapshot().done, 3);
  assert.equal(Math.max(...told), 3);
  await until(() => held().length === 0);
});
