import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import type {Download} from '../../../../../source/transfers/download/download.ts';
import {newRow, type Row} from '../../../../../source/transfers/queue/rows/row.ts';
import {Rows} from '../../../../../source/transfers/queue/rows/rows.ts';
import type {Runner} from '../../../../../source/transfers/queue/work/runner.ts';
import {Slots} from '../../../../../source/transfers/queue/work/slots.ts';
import type {BlockView} from '../../../../../source/transfers/terms/block-view.ts';
import {defaultLimits} from '../../../../../source/transfers/terms/limits.ts';
import {newTransfer} from '../../../../fixtures/queue/stored-queue.ts';

type Begun = (download: Download) => void;
type Work = {ids: number[]; signal: AbortSignal; end(error?: Error): void};

const large = 2 ** 40;

/** Slots whose runs end when the test says so. */
function startSlots() {
  const rows = new Rows();
  const running: Work[] = [];
  const told: string[] = [];
  const downloads: Array<{lanes: number; blocks: BlockView | undefined}> = [];
  const begin = (ids: number[], signal: AbortSignal) => {
    const {promise, resolve, reject} = Promise.withResolvers<void>();
    running.push({ids, signal, end: error => (error === undefined ? resolve() : reject(error))});
    return promise;
  };
  const runner = {
    servers: 1,
    runLarge(row: Row, signal: AbortSignal, begun: Begun) {
      const download = {lanes: 0, blocks: {count: row.id, at: () => 'good' as const}};
      downloads.push(download);
      // Only these two fields are used.
      begun(download as unknown as Download);
      return begin([row.id], signal);
    },
    runSmall: (group: readonly Row[], signal: AbortSignal) =>
      begin(
        group.map(({id}) => id),
        signal,
      ),
  };
  const slots = new Slots(rows, runner as unknown as Runner, {
    failed: (id, error) => told.push(`failed ${id} ${error instanceof Error && error.message}`),
    ended: id => told.push(`ended ${id} ${slots.has(id)}`),
    freed: () => told.push(`freed ${slots.count}`),
  });
  const add = (id: number, size: number): Row => {
    const row = newRow(id, id, {...newTransfer(`f${id}`), size});
    rows.put([row]);
    return row;
  };
  return {rows, slots, running, told, downloads, add};
}

test('a large file has a slot, and small files that go together have one, until their work has ended', async () => {
  const {slots, running, told, add} = startSlots();
  slots.start([add(1, large)], () => true);
  slots.start([add(2, 5), add(3, 5)], () => true);
  assert.deepEqual([slots.count, [...slots.ids]], [2, [1, 2, 3]]);
  assert.deepEqual(
    running.map(({ids}) => ids),
    [[1], [2, 3]],
  );
  running[1]?.end();
  await turn();
  assert.deepEqual(told, ['ended 2 false', 'ended 3 false', 'freed 1']);
  assert.deepEqual([slots.has(1), slots.has(2), slots.count], [true, false, 1]);
  told.length = 0;
  running[0]?.end(new Error('lost'));
  await turn();
  assert.deepEqual(told, ['failed 1 lost', 'ended 1 false', 'freed 0']);
});

test('an error of a group is one of each of its files', async () => {
  const {slots, running, told, add} = startSlots();
  slots.start([add(1, 5), add(2, 5)], () => true);
  running[0]?.end(new Error('lost'));
  await turn();
  assert.deepEqual(told.slice(0, 2), ['failed 1 lost', 'failed 2 lost']);
});

test('a run is stopped once none of its files is wanted any more', () => {
  const {slots, running, add} = startSlots();
  const unwanted = new Set<number>();
  const isWanted = (id: number) => !unwanted.has(id);
  slots.start([add(1, 5), add(2, 5)], isWanted);
  slots.start([add(3, large)], isWanted);
  unwanted.add(1);
  slots.stop(1);
  assert.equal(running[0]?.signal.aborted, false);
  unwanted.add(2);
  slots.stop(2);
  assert.deepEqual(
    running.map(({signal}) => signal.aborted),
    [true, false],
  );
  unwanted.add(3);
  slots.stop(3);
  assert.equal(running[1]?.signal.aborted, true);
  slots.stop(99);
});

test('who waits for all runs hears when the last of them has ended, in whatever way', async () => {
  const {slots, running, add} = startSlots();
  slots.start([add(1, large)], () => true);
  slots.start([add(2, 5), add(3, 5)], () => true);
  let hasEnded = false;
  const ended = slots.ended().then(() => {
    hasEnded = true;
  });
  running[0]?.end(new Error('lost'));
  await turn();
  assert.equal(hasEnded, false);
  running[1]?.end();
  await ended;
  await startSlots().slots.ended();
});

test('connections are shared among the large files, and the blocks of each are known while it runs', async () => {
  const {slots, running, downloads, add} = startSlots();
  slots.start([add(1, large)], () => true);
  slots.start([add(2, large)], () => true);
  slots.balance(defaultLimits);
  assert.deepEqual(
    downloads.map(({lanes}) => lanes),
    [2, 2],
  );
  assert.deepEqual([slots.blocksOf(1)?.count, slots.blocksOf(2)?.count], [1, 2]);
  running[0]?.end();
  await turn();
  slots.balance(defaultLimits);
  assert.deepEqual(
    downloads.map(({lanes}) => lanes),
    [2, 4],
  );
  assert.equal(slots.blocksOf(1), undefined);
});
