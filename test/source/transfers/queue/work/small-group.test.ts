import assert from 'node:assert/strict';
import {readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {QueueStore} from '../../../../../source/transfers/database/queue-store.ts';
import {path, startHarness, until} from '../../../../fixtures/harness.ts';
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

for (const localPath of ['..', '.', '', 'a\0b']) {
  test(`a small file whose local path leads nowhere (${JSON.stringify(localPath)}) fails, and is not put beside those of its group`, async t => {
    const {queue, serve, target} = await startHarness(t);
    serve('a', 'a');
    serve('b', 'b');
    const transfer = {folder: target, size: 1, onConflict: 'fail'} as const;
    const [a = 0, b = 0] = queue.add([
      {...transfer, remotePath: path('a'), localPath: 'a'},
      {...transfer, remotePath: path('b'), localPath},
    ]);
    await queue.idle();
    assert.deepEqual(queue.transfer(a)?.state, {name: 'done', outcome: 'verified'});
    assert.deepEqual(queue.transfer(b)?.state, {
      name: 'failed',
      code: 'unsafe_target',
      reason: 'The name would lead out of the target folder',
    });
    assert.deepEqual(readdirSync(target), ['a']);
  });
}
