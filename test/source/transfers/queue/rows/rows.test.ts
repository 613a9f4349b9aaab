import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {movePlace} from '../../../../../source/transfers/database/move-place.ts';
import {
  newRow,
  type Row,
  type RowEvent,
  rowAfter,
  snapshotOf,
  type TransferSnapshot,
} from '../../../../../source/transfers/queue/rows/row.ts';
import {bytesHere} from '../../../../../source/transfers/queue/rows/row-bytes.ts';
import {Rows} from '../../../../../source/transfers/queue/rows/rows.ts';
import {type Priority, priorities, rankOf} from '../../../../../source/transfers/terms/priority.ts';
import {isRunning, isSettled} from '../../../../../source/transfers/terms/transfer-state.ts';
import {path} from '../../../../fixtures/harness.ts';

type Options = {position?: number; name?: string; folder?: string; priority?: Priority};

function row(id: number, options: Options = {}): Row {
  const {position = id, name = `f${id}`, folder = '/target', priority} = options;
  const transfer = {remotePath: path(name), folder, localPath: name, onConflict: 'fail'} as const;
  return newRow(id, position, {...transfer, priority});
}

/** Apply events to a row of `rows`. */
function happen(rows: Rows, id: number, ...events: readonly RowEvent[]): void {
  for (const event of events) {
    const before = rows.get(id);
    if (before !== undefined) {
      rows.put([rowAfter(before, event)]);
    }
  }
}

const ids = (rows: readonly Row[]): number[] => rows.map(({id}) => id);
const start: RowEvent = {type: 'start'};
const done: RowEvent = {type: 'done', outcome: 'verified'};

const aPriority = fc.constantFrom(...priorities);
const anEvent = fc.constantFrom<RowEvent>(
  start,
  done,
  {type: 'pause'},
  {type: 'resume'},
  {type: 'wait', noRoom: 'full'},
  {type: 'fail', code: 'internal', reason: ''},
  {type: 'cancel'},
  {type: 'retry'},
  {type: 'download'},
  {type: 'size', bytes: 1000},
  {type: 'size', bytes: 10},
  {type: 'progress', receivedBytes: 700, verifiedBytes: 300, reusedBytes: 100, copiedBytes: 0},
  {type: 'progress', receivedBytes: 1000, verifiedBytes: 500, reusedBytes: 0, copiedBytes: 0},
);
const aStep = fc.oneof(
  fc.tuple(fc.constant('add' as const), fc.double({min: 0, max: 9, noNaN: true}), aPriority),
  fc.tuple(fc.constant('add many' as const), fc.integer({min: 2, max: 5}), aPriority),
  fc.tuple(fc.constant('move' as const), fc.nat(), fc.integer({min: -4, max: 4})),
  fc.tuple(fc.constant('prioritize' as const), fc.nat(), aPriority),
  fc.tuple(fc.constant('happen' as const), fc.nat(), anEvent),
  fc.tuple(fc.constant('forget' as const), fc.nat(), fc.nat()),
);

test('rows are in order, counted and found after any moves, removals and events', () => {
  fc.assert(
    fc.property(fc.array(aStep, {maxLength: 60}), steps => {
      const rows = new Rows();
      let lastId = 0;
      for (const step of steps) {
        const chosen = rows.slice(0)[Number(step[1]) % rows.size];
        if (step[0] === 'add') {
          rows.put([row(++lastId, {position: step[1], priority: step[2]})]);
        } else if (step[0] === 'add many') {
          // New rows mixed with known ones, as a companion reads them.
          const known = rows.slice(0, 2).map(one => rowAfter(one, start));
          const fresh = Array.from({length: step[1]}, () => row(++lastId, {priority: step[2]}));
          rows.put([...fresh, ...known]);
        } else if (chosen !== undefined && step[0] === 'move') {
          const equals = rows
            .slice(0)
            .filter(
              other =>
                other.priority === chosen.priority && (other === chosen || !isSettled(other.state)),
            );
          const {changed} = movePlace(equals, equals.indexOf(chosen), step[2]);
          const places = rows.placesToMove(chosen.id, step[2]);
          assert.deepEqual(places, changed);
          for (const {id, position} of places) {
            happen(rows, id, {type: 'placed', position});
          }
        } else if (chosen !== undefined && step[0] === 'prioritize') {
          happen(rows, chosen.id, {type: 'prioritized', priority: step[2]});
        } else if (chosen !== undefined && step[0] === 'happen') {
          happen(rows, chosen.id, step[2]);
        } else if (chosen !== undefined) {
          rows.forget([chosen.id, lastId]);
        }

        checkAll(rows);
      }
    }),
  );
});

/** Compare the kept counts and indexes with those computed from all rows. */
function checkAll(rows: Rows): void {
  const all = rows.slice(0);
  const sorted = all.toSorted(
    (a, b) => rankOf(a.priority) - rankOf(b.priority) || a.position - b.position || a.id - b.id,
  );
  assert.deepEqual(ids(all), ids(sorted));
  assert.deepEqual(
    all.map(({id}) => rows.indexOf(id)),
    [...all.keys()],
  );
  const running = all.filter(({state}) => isRunning(state));
  assert.deepEqual([...rows.running].sort(), ids(running).sort());
  const count = (name: string) => all.filter(({state}) => state.name === name).length;
  assert.deepEqual(rows.counts, {
    active: running.length,
    queued: count('queued'),
    waiting: all.filter(({state}) => state.name === 'paused' && state.noRoom !== undefined).length,
    failed: count('failed'),
    paused: all.filter(({state}) => state.name === 'paused' && state.noRoom === undefined).length,
    done: count('done'),
    canceled: count('canceled'),
  });
  const sum = (bytes: (row: TransferSnapshot) => number) =>
    all.map(snapshotOf).reduce((sum, row) => sum + bytes(row), 0);
  const isWanted = ({state}: TransferSnapshot) => state.name !== 'canceled';
  const isComing = ({state}: TransferSnapshot) => state.name === 'queued' || isRunning(state);
  assert.deepEqual(rows.bytes, {
    wanted: sum(row => (isWanted(row) ? (row.size ?? bytesHere(row)) : 0)),
    here: sum(row => (isWanted(row) ? bytesHere(row) : 0)),
    left: sum(row => (isComing(row) ? Math.max(0, (row.size ?? 0) - bytesHere(row)) : 0)),
    unsized: sum(row => (isComing(row) && row.size === undefined ? 1 : 0)),
  });
  assert.equal(
    rows.firstOpen,
    all.findIndex(({state}) => !isSettled(state)),
  );
  assert.equal(
    rows.next(1, () => false)[0]?.id,
    all.find(({state}) => state.name === 'queued')?.id,
  );
}

test('if there is no room between two positions, all rows of a priority get new ones', () => {
  const rows = new Rows();
  rows.put([row(1, {position: 1}), row(2, {position: 1}), row(3, {position: 2})]);
  const places = rows.placesToMove(3, -1);
  assert.equal(places.length, 3);
  for (const {id, position} of places) {
    happen(rows, id, {type: 'placed', position});
  }

  assert.deepEqual(ids(rows.slice(0)), [1, 3, 2]);
});

test('a row on which work still runs does not begin again, and the next one does', () => {
  const rows = new Rows();
  rows.put([row(1), row(2)]);
  happen(rows, 1, start, {type: 'release'});
  assert.deepEqual(ids(rows.next(4, id => id === 1)), [2]);
  assert.deepEqual(ids(rows.next(4, () => false)), [1]);
});

test('a remote path finds its latest transfer, or the remaining one', () => {
  const rows = new Rows();
  rows.put([row(1, {name: 'a'})]);
  assert.equal(rows.find(path('a'))?.id, 1);
  assert.equal(rows.find(path('b')), undefined);
  rows.put([row(2, {name: 'a', folder: '/other'})]);
  assert.equal(rows.find(path('a'))?.id, 2);
  rows.forget([2]);
  assert.equal(rows.find(path('a'))?.id, 1);
  rows.forget([1]);
  assert.equal(rows.find(path('a')), undefined);
});

test('a place belongs to one row, until that is settled, forgotten or saves elsewhere', () => {
  const rows = new Rows();
  const [first, second, other] = [
    row(1, {name: 'a/b'}),
    row(2, {name: 'a/b'}),
    row(3, {name: 'a/b', folder: '/other'}),
  ];
  rows.put([first, second, other]);
  assert.deepEqual(
    [first, second, other].map(one => rows.targets.reserve(one)),
    [true, false, true],
  );
  assert.equal(rows.targets.isTakenFrom(second), true);
  happen(rows, 1, start, done);
  assert.equal(rows.targets.reserve(second), true);
  assert.equal(rows.targets.reserve(first), false);
  rows.forget([2]);
  assert.equal(rows.targets.isTakenFrom(first), false);
});

test('a row that has lost its place to another one does not free it when it is forgotten', () => {
  const rows = new Rows();
  const [first, second, third] = [1, 2, 3].map(id => row(id, {name: 'a'}));
  assert.ok(first && second && third);
  rows.put([first, second, third]);
  assert.equal(rows.targets.reserve(first), true);
  happen(rows, 1, start, done);
  assert.equal(rows.targets.reserve(second), true);
  rows.forget([1]);
  assert.equal(rows.targets.reserve(third), false);
});

test('a name that the disk stores in another form has the place of that form', () => {
  const rows = new Rows();
  // The byte FF, which is stored as `%FF`.
  const [bytes, text] = [row(1, {name: 'a\udcff'}), row(2, {name: 'a%FF'})];
  rows.put([bytes, text]);
  assert.equal(rows.targets.reserve(bytes), true);
  assert.equal(rows.targets.reserve(text), false);
});

test('a change among 100,000 rows looks at few of them, whatever is read after it', () => {
  let looks = 0;
  const counting = (one: Row): Row => {
    const {state, ...rest} = one;
    return {
      ...rest,
      get state() {
        looks++;
        return state;
      },
    };
  };
  const rows = new Rows();
  // Rows that have run stay records, so that the test can count the looks.
  const worked: RowEvent = {type: 'speed', bytesPerSecond: 1};
  rows.put(Array.from({length: 100_000}, (_, at) => counting(rowAfter(row(at + 1), worked))));
  for (let id = 1; id <= 50_000; id++) {
    happen(rows, id, start, done);
  }

  assert.equal(rows.firstOpen, 50_000);
  looks = 0;
  for (let id = 50_001; id <= 50_100; id++) {
    happen(rows, id, start);
    assert.deepEqual([rows.counts.active, rows.running.size, rows.firstOpen], [1, 1, id - 1]);
    assert.equal(rows.next(4, () => false)[0]?.id, id + 1);
    happen(rows, id, done);
  }

  // The choice of a group looks at some thousand rows, but these files are not small.
  assert.ok(looks < 100 * 50, `${looks} states were looked at for 100 files`);
});

test('sums of bytes return to their old values, however large the reported sizes were', () => {
  const rows = new Rows();
  const huge = Array.from({length: 4000}, (_, index) =>
    rowAfter(row(index + 1), {type: 'size', bytes: Number.MAX_SAFE_INTEGER - index}),
  );
  rows.put(huge);
  rows.put([rowAfter(row(5000), {type: 'size', bytes: 7})]);
  assert.ok(rows.bytes.wanted > 4000 * 2 ** 52);
  rows.forget(huge.map(({id}) => id));
  assert.deepEqual(rows.bytes, {wanted: 7, here: 0, left: 7, unsized: 0});
});
