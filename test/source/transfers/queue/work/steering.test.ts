import assert from 'node:assert/strict';
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {parseAddress} from '../../../../../protocol/address.ts';
import {blockSize} from '../../../../../protocol/block.ts';
import {QueueStore} from '../../../../../source/transfers/database/queue-store.ts';
import {Publisher} from '../../../../../source/transfers/queue/rows/publisher.ts';
import {newRow, type Row} from '../../../../../source/transfers/queue/rows/row.ts';
import {RowChanges} from '../../../../../source/transfers/queue/rows/row-changes.ts';
import {Rows} from '../../../../../source/transfers/queue/rows/rows.ts';
import {Steering} from '../../../../../source/transfers/queue/work/steering.ts';
import {noise, path, startHarness, treeOf, until} from '../../../../fixtures/harness.ts';
import {startPlace} from '../../../../fixtures/queue/shared-place.ts';
import {saveAs} from '../../../../fixtures/queue/stored.ts';

/** Counts the calls of `put`, each of which may pass over all rows. */
class CountedRows extends Rows {
  passes = 0;

  override put(rows: readonly Row[]): void {
    this.passes++;
    super.put(rows);
  }
}

/** Rows 1 to 4 at these positions, and their `Steering`. */
function steered(...positions: number[]) {
  const rows = new CountedRows();
  rows.put(
    positions.map((position, index) =>
      newRow(index + 1, position, {
        remotePath: path(`f${index}`),
        folder: '/target',
        localPath: `f${index}`,
        onConflict: 'resume',
      }),
    ),
  );
  rows.passes = 0;
  const stored: number[] = [];
  const changes = new RowChanges(rows, new Publisher(() => undefined), ({id}) => stored.push(id));
  const steering = new Steering({
    rows,
    changes,
    slots: {has: () => false, stop: () => undefined},
    deletePartial: () => undefined,
    failed: (_, error) => assert.fail(error),
    cleared: () => undefined,
    recall: () => [],
    restored: () => undefined,
  });
  const order = () => rows.slice(0).map(({id, priority}) => `${id} ${priority}`);
  return {rows, steering, stored, order};
}

test('however many rows get another priority, they are moved in one pass', () => {
  const {rows, steering, stored, order} = steered(1, 2, 3, 4);
  const some = steering.carryOut({do: 'priority', which: [2, 4, 9], priority: 'high'});
  assert.deepEqual(
    [some.ids, order(), rows.passes],
    [[2, 4], ['2 high', '4 high', '1 normal', '3 normal'], 1],
  );
  const all = steering.carryOut({do: 'priority', which: 'all', priority: 'low'});
  assert.deepEqual(
    [all.ids.length, order(), rows.passes],
    [4, ['1 low', '2 low', '3 low', '4 low'], 2],
  );
  assert.deepEqual(stored, [2, 4, 2, 4, 1, 3]);
});

test('if all rows of a priority get new positions, that is one pass, and each is stored', () => {
  const {rows, steering, stored, order} = steered(1, 1, 1, 1);
  assert.deepEqual(steering.carryOut({do: 'move', id: 4, by: -2}), {ids: [4], place: 2, of: 4});
  assert.deepEqual(order(), ['1 normal', '4 normal', '2 normal', '3 normal']);
  assert.deepEqual([rows.passes, stored.toSorted()], [1, [1, 2, 3, 4]]);
});

test('a partial file that a killed process should delete is deleted by the next process', async t => {
  const place = await startPlace(t);
  const server = `127.0.0.1:${parseAddress(place.server.address).port}`;
  const store = new QueueStore(place.database);
  const ids = store.add(server, ['a', 'b'].map(place.transfer)).map(({id}) => id);
  saveAs(store, ids.slice(0, 1), {name: 'canceled', deletePartial: true});
  saveAs(store, ids.slice(1), {name: 'canceled'});
  store[Symbol.dispose]();
  mkdirSync(place.target);
  for (const name of ['a', 'b']) {
    writeFileSync(join(place.target, `${name}.jangada-part`), 'begun');
  }

  const {queue} = place.open();
  await until(() => queue.size === 2 && queue.isIdle);
  assert.deepEqual([...treeOf(place.target).keys()], ['b.jangada-part']);
  assert.deepEqual(
    queue.snapshot().rows.map(({state}) => state),
    [{name: 'canceled'}, {name: 'canceled'}],
  );
});

test('the partial file of a running transfer that is canceled is deleted after its download has ended', async t => {
  const {serve, queue, target, download} = await startHarness(t, {server: {limit: 20 * blockSize}});
  serve('a.bin', noise(12 * blockSize));
  const ended = download(['a.bin']);
  await until(() => (queue.snapshot().rows[0]?.verifiedBytes ?? 0) >= blockSize);
  const id = queue.snapshot().rows[0]?.id ?? 0;
  const partial = join(target, 'a.bin.jangada-part');
  queue.cancel(id, {deletePartial: true});
  // The download is stopping, but still has to finish its last write.
  assert.ok(existsSync(partial));
  await ended;
  assert.ok(!existsSync(partial));
  const row = queue.transfer(id);
  assert.deepEqual([row?.state, row?.verifiedBytes], [{name: 'canceled'}, 0]);
});
