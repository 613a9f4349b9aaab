/** What happens to rows: who is told, who stores it, and what can be restored. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {ClearedRows} from '../../../../../source/transfers/queue/rows/cleared-rows.ts';
import {Publisher} from '../../../../../source/transfers/queue/rows/publisher.ts';
import {newRow, type Row} from '../../../../../source/transfers/queue/rows/row.ts';
import {RowChanges} from '../../../../../source/transfers/queue/rows/row-changes.ts';
import {Rows} from '../../../../../source/transfers/queue/rows/rows.ts';
import {newTransfer} from '../../../../fixtures/queue/stored-queue.ts';

const rowOf = (id: number): Row => newRow(id, id, newTransfer(`f${id}`));

function startChanges() {
  const rows = new Rows();
  const soon: number[] = [];
  const later: number[] = [];
  class Watched extends Publisher {
    override soon(ids: readonly number[] = []): void {
      soon.push(...ids);
    }

    override later(id: number): void {
      later.push(id);
    }
  }

  const stored: string[] = [];
  const changes = new RowChanges(rows, new Watched(() => undefined), ({id, state}) =>
    stored.push(`${id} ${state.name}`),
  );
  changes.put([rowOf(1), rowOf(2), rowOf(3)]);
  soon.length = 0;
  return {rows, changes, soon, later, stored};
}

test('a counter is shown with the next tick, any other change soon, and all are stored', () => {
  const {changes, soon, later, stored} = startChanges();
  changes.apply(1, {type: 'start'});
  assert.deepEqual([soon, later], [[1], []]);
  // The first of its kind is another state.
  changes.apply(1, {type: 'check', checkedBytes: 1, totalBytes: 5});
  assert.deepEqual([soon, later], [[1, 1], []]);
  changes.apply(1, {type: 'check', checkedBytes: 2, totalBytes: 5});
  changes.apply(1, {type: 'speed', bytesPerSecond: 5});
  assert.deepEqual(
    [soon, later],
    [
      [1, 1],
      [1, 1],
    ],
  );
  changes.apply(1, {type: 'size', bytes: 9});
  assert.deepEqual([soon.length, later.length], [3, 2]);
  assert.deepEqual(stored, ['1 connecting', ...Array<string>(4).fill('1 checking')]);
});

test('an event that changes nothing is neither shown nor stored, and none happens to a row that is gone', () => {
  const {rows, changes, soon, later, stored} = startChanges();
  assert.equal(changes.apply(1, {type: 'resume'}), rows.get(1));
  assert.equal(changes.apply(9, {type: 'start'}), undefined);
  assert.deepEqual([soon, later, stored], [[], [], []]);
});

test('rows that are cleared can be restored once, and those that are forgotten not', () => {
  const {rows, changes, soon} = startChanges();
  changes.apply(2, {type: 'cancel'});
  const [first, second] = [rows.get(1), rows.get(2)];
  changes.clear([1, 2]);
  changes.forget([3]);
  assert.deepEqual([rows.size, soon.slice(-3)], [0, [1, 2, 3]]);
  const asked: number[][] = [];
  const recall = (ids: readonly number[]) => {
    asked.push([...ids]);
    return ids.includes(4) ? [rowOf(4)] : [];
  };
  assert.deepEqual(changes.restore([2, 1, 3, 4], recall), [second, first, rowOf(4)]);
  assert.deepEqual(asked, [[3, 4]]);
  assert.deepEqual(
    rows.slice(0).map(({id}) => id),
    [1, 2, 4],
  );
  // They are there: nobody is asked.
  assert.deepEqual(changes.restore([1, 2, 4], recall), []);
  assert.equal(asked.length, 1);
});

test('the last ten thousand rows that were cleared are kept', () => {
  const cleared = new ClearedRows();
  cleared.keep(Array.from({length: 10_001}, (_, index) => rowOf(index)));
  assert.deepEqual(cleared.take([0]), []);
  cleared.keep([rowOf(1)]);
  // That one is the newest now, and the next in line goes.
  cleared.keep([rowOf(20_000), rowOf(20_001)]);
  assert.deepEqual(
    cleared.take([1, 2, 3, 4, 20_001]).map(({id}) => id),
    [1, 4, 20_001],
  );
  assert.deepEqual(cleared.take([1]), []);
});
