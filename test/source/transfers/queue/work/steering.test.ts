import assert from 'node:assert/strict';
import {existsSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {parseAddress} from '../../../../../protocol/address.ts';
import {blockSize} from '../../../../../protocol/block.ts';
import {JangadaError} from '../../../../../protocol/errors.ts';
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

type Tools = ConstructorParameters<typeof Steering>[0];

/** Rows 1 to 4 at these positions, and their `Steering`. */
function steeredAt(positions: readonly number[], tools: Partial<Tools> = {}) {
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
    ...tools,
  });
  const order = () => rows.slice(0).map(({id, priority}) => `${id} ${priority}`);
  return {rows, changes, steering, stored, order};
}

const steered = (...positions: number[]) => steeredAt(positions);

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

test('a transfer whose work has not ended yet is not cleared, and the others are, for every process', () => {
  const cleared: number[][] = [];
  const {rows, steering} = steeredAt([1, 2, 3], {
    slots: {has: id => id === 2, stop: () => undefined},
    // They are still there.
    cleared: ids => cleared.push(ids.filter(id => rows.get(id) !== undefined)),
  });
  steering.carryOut({do: 'cancel', which: [1, 2], deletePartial: false});
  assert.deepEqual(steering.carryOut({do: 'clear', which: 'all'}), {ids: [1]});
  assert.deepEqual([cleared, rows.slice(0).map(({id}) => id)], [[[1]], [2, 3]]);
});

test('cleared transfers come back for every process, also those that only the database has', () => {
  const restored: number[][] = [];
  const {rows, steering} = steeredAt([1, 2], {
    recall: ids => ids.map(id => newRow(id, id, {...one, remotePath: path('old')})),
    restored: ids => restored.push([...ids]),
  });
  steering.carryOut({do: 'cancel', which: [1], deletePartial: false});
  steering.carryOut({do: 'clear', which: 'all'});
  assert.deepEqual(steering.carryOut({do: 'restore', which: [9, 1, 2]}), {ids: [1, 9]});
  assert.deepEqual(restored, [[1, 9]]);
  assert.deepEqual(
    rows.slice(0).map(({id}) => id),
    [1, 2, 9],
  );
});

const one = {folder: '/target', localPath: 'f0', onConflict: 'resume'} as const;

test('a wish stops what runs, and the partial of a canceled transfer is deleted when nothing writes to it', () => {
  const [stopped, deleted]: [number[], number[]] = [[], []];
  let works = true;
  const {rows, changes, steering} = steeredAt([1, 2], {
    slots: {has: id => id === 1 && works, stop: id => stopped.push(id)},
    deletePartial: ({id}) => deleted.push(id),
  });
  changes.apply(1, {type: 'start'});
  steering.carryOut({do: 'cancel', which: [1, 2], deletePartial: true});
  assert.deepEqual([stopped, deleted], [[1, 2], [2]]);
  const state = (id: number) => rows.get(id)?.state;
  assert.deepEqual(
    [state(1), state(2)],
    [{name: 'canceled', deletePartial: true}, {name: 'canceled'}],
  );
  works = false;
  const row = rows.get(1);
  assert.ok(row);
  steering.deletePartial(row);
  assert.deepEqual([deleted, state(1)], [[2, 1], {name: 'canceled'}]);
  // One that is kept is never deleted.
  steering.carryOut({do: 'retry', which: [1]});
  steering.carryOut({do: 'cancel', which: [1], deletePartial: false});
  assert.deepEqual(deleted, [2, 1]);
});

test('a partial that cannot be deleted is a failure with the reason', () => {
  const {rows, steering} = steeredAt([1], {
    deletePartial: () => {
      throw new JangadaError('local_io', 'f0: the file system is read-only');
    },
  });
  steering.carryOut({do: 'cancel', which: [1], deletePartial: true});
  const reason = 'f0: the file system is read-only';
  assert.deepEqual(rows.get(1)?.state, {name: 'failed', code: 'local_io', reason});
});

test('of two transfers that save to one name the later one fails, whenever it comes', () => {
  const failed: string[] = [];
  const {rows, steering} = steeredAt([1], {
    failed: (id, error) => failed.push(`${id} ${error.code} ${error.message}`),
  });
  steering.added(rows.all);
  const second = newRow(8, 8, {...one, remotePath: path('other')});
  rows.put([second]);
  steering.added([second]);
  assert.deepEqual(failed, ['8 exists Another transfer saves to this name']);
  steering.carryOut({do: 'cancel', which: [1], deletePartial: false});
  steering.added([second]);
  assert.equal(failed.length, 1);
  // Queued again, the first one finds its name taken.
  steering.carryOut({do: 'retry', which: [1]});
  assert.equal(failed.length, 2);
});

test('what waited for room when the last process ended is tried again, and a pause of the user is kept', () => {
  const {rows, changes, steering} = steeredAt([1, 2, 3]);
  changes.apply(1, {type: 'wait', noRoom: 'full'});
  changes.apply(2, {type: 'pause'});
  steering.added(rows.all);
  assert.deepEqual(
    rows.slice(0).map(({state}) => state),
    [{name: 'queued'}, {name: 'paused'}, {name: 'queued'}],
  );
});
