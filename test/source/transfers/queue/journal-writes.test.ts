/** When the rows of a queue are written, and what is written of rows that came, went or could not be stored. */
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {type TestContext, test} from 'node:test';
import {Journal} from '../../../../source/transfers/queue/journal.ts';
import {type RowEvent, rowAfter} from '../../../../source/transfers/queue/rows/row.ts';
import {Rows} from '../../../../source/transfers/queue/rows/rows.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {newTransfer, openStore, storedServer} from '../../../fixtures/queue/stored-queue.ts';

function startJournal(t: TestContext) {
  let nowMs = 10_000;
  t.mock.method(performance, 'now', () => nowMs);
  t.mock.timers.enable({apis: ['setTimeout']});
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  store.patienceMs = 0;
  const rows = new Rows();
  const journal = new Journal(rows, store, storedServer, id => ({
    count: id,
    at: () => 'good',
  }));
  t.after(() => journal.close());
  const holder = new DatabaseSync(file);
  t.after(() => holder.close());
  const add = (...names: string[]) => {
    const added = journal.add(names.map(newTransfer));
    rows.put(added);
    return added.map(({id}) => id);
  };
  return {
    ...{store, rows, journal, holder, add},
    happen(id: number, ...events: readonly RowEvent[]) {
      for (const event of events) {
        const before = rows.get(id);
        assert.ok(before !== undefined);
        const row = rowAfter(before, event);
        rows.put([row]);
        journal.changed(row);
      }
    },
    pass(ms: number) {
      nowMs += ms;
      t.mock.timers.tick(ms);
    },
    stored: () => store.load(storedServer).map(({state}) => state.name),
    /** Number of transactions that have changed transfers. */
    writes: () => store.seq,
  };
}

const start: RowEvent = {type: 'start'};

test('changes are written at once after a pause, then twice a second', t => {
  const {add, happen, pass, stored, writes} = startJournal(t);
  const [a = 0] = add('a');
  const before = writes();
  happen(a, start, {type: 'download'});
  pass(0);
  assert.deepEqual([stored(), writes()], [['downloading'], before + 1]);
  pass(100);
  happen(a, {type: 'finish'});
  pass(399);
  assert.deepEqual([stored(), writes()], [['downloading'], before + 1]);
  pass(1);
  assert.deepEqual([stored(), writes()], [['finishing'], before + 2]);
  pass(5000);
  assert.equal(writes(), before + 2);
});

test('the blocks of a file are written while it runs', t => {
  const {add, happen, journal, store} = startJournal(t);
  const [a = 0] = add('a');
  happen(a, start);
  journal.write();
  assert.equal(store.read([a])[0]?.blocks, `${a}g`);
  happen(a, {type: 'pause'});
  journal.write();
  assert.equal(store.read([a])[0]?.blocks, undefined);
});

test('a file that is about to get its name is stored as begun before, once for each time that it runs', t => {
  const {add, happen, journal, stored, writes} = startJournal(t);
  const [a = 0] = add('a');
  happen(a, start);
  journal.writeBegun(a);
  assert.deepEqual(stored(), ['connecting']);
  const before = writes();
  happen(a, {type: 'finish'});
  journal.writeBegun(a);
  assert.equal(writes(), before);
  happen(a, {type: 'release'});
  journal.write();
  happen(a, start, {type: 'finish'});
  journal.writeBegun(a);
  assert.deepEqual(stored(), ['finishing']);
});

test('a database that is locked is written later, again and again, and nothing is lost', t => {
  const {add, happen, journal, holder, pass, stored, store} = startJournal(t);
  const [a = 0, b = 0] = add('a', 'b');
  const wish = store.wishes.make(storedServer, {do: 'pause', which: 'all'});
  holder.exec('BEGIN IMMEDIATE');
  happen(a, {type: 'pause'});
  journal.removed([b]);
  journal.carriedOut(wish, {ids: [a]});
  assert.equal(journal.write(), false);
  pass(500);
  pass(500);
  assert.deepEqual(stored(), ['queued', 'queued']);
  assert.equal(journal.hasCarriedOut(wish), true);
  holder.exec('COMMIT');
  pass(499);
  assert.deepEqual(stored(), ['queued', 'queued']);
  pass(1);
  assert.deepEqual(stored(), ['paused']);
  assert.deepEqual(store.wishes.answerOf(wish), {ids: [a]});
  assert.equal(journal.hasCarriedOut(wish), false);
  assert.equal(journal.write(), true);
});

test('what is added to a locked database is stored later, unless it is over by then, and the queue is kept from then on', t => {
  const {add, happen, journal, holder, pass, store, rows} = startJournal(t);
  const [first = 0] = add('first');
  holder.exec('BEGIN IMMEDIATE');
  const ids = add('a', 'b', 'c', 'd');
  const [a = 0, b = 0, c = 0, d = 0] = ids;
  assert.equal(new Set([first, ...ids]).size, 5);
  assert.deepEqual(
    rows.slice(0).map(({id}) => id),
    [first, ...ids],
  );
  assert.equal(journal.isKept, false);
  happen(b, start, {type: 'done', outcome: 'verified'});
  happen(c, {type: 'pause'}, {type: 'prioritized', priority: 'high'});
  journal.removed([d]);
  rows.forget([d]);
  holder.exec('COMMIT');
  pass(500);
  pass(500);
  assert.equal(journal.isKept, true);
  assert.deepEqual(
    store
      .load(storedServer)
      .map(({transfer, state, priority}) => [transfer.remotePath, state.name, priority]),
    [
      ['c', 'paused', 'high'],
      ['first', 'queued', 'normal'],
      ['a', 'queued', 'normal'],
    ],
  );
  const storedA = journal.storedId(a);
  assert.notEqual(storedA, a);
  assert.deepEqual([journal.ownId(storedA), journal.isKnown(storedA)], [a, true]);
  assert.deepEqual([journal.ownId(first), journal.isKnown(first)], [first, false]);
  // Its later changes go to its row.
  happen(a, {type: 'cancel'});
  journal.write();
  assert.deepEqual(store.read([storedA])[0]?.state, {name: 'canceled'});
});

for (const [what, event, goOn] of [
  ['failed', {type: 'fail', code: 'not_found', reason: 'gone'}, {type: 'retry'}],
  ['was canceled', {type: 'cancel'}, {type: 'retry'}],
] as const) {
  test(`what ${what} while the database was locked is stored, at the latest when it is queued again`, t => {
    const {add, happen, holder, pass, stored} = startJournal(t);
    holder.exec('BEGIN IMMEDIATE');
    const [a = 0] = add('a');
    happen(a, start, event);
    holder.exec('COMMIT');
    pass(500);
    pass(500);
    assert.deepEqual(stored(), what === 'failed' ? ['failed'] : []);
    happen(a, goOn);
    pass(500);
    pass(500);
    assert.deepEqual(stored(), ['queued']);
    happen(a, {type: 'pause'});
    pass(500);
    assert.deepEqual(stored(), ['paused']);
  });
}

test('what was added to a locked database, and cleared and restored before it could be stored, is stored', t => {
  const {add, holder, journal, pass, rows, stored} = startJournal(t);
  holder.exec('BEGIN IMMEDIATE');
  const [a = 0] = add('a');
  const row = rows.get(a) ?? assert.fail();
  journal.removed([a]);
  rows.forget([a]);
  holder.exec('COMMIT');
  pass(500);
  pass(500);
  assert.deepEqual(stored(), []);
  rows.put([row]);
  journal.restored([a]);
  pass(500);
  pass(500);
  assert.deepEqual(stored(), ['queued']);
});

test('a row that is cleared before its last change was written comes back with that change', t => {
  const {add, happen, journal, rows, store} = startJournal(t);
  const [a = 0, b = 0] = add('a', 'b');
  happen(a, start, {type: 'done', outcome: 'skipped'});
  happen(b, {type: 'cancel'});
  journal.removed([a, b]);
  rows.forget([a, b]);
  assert.equal(journal.isKnown(a), true);
  journal.write();
  assert.equal(journal.isKnown(a), false);
  assert.deepEqual(store.read([a, b]), []);
  const back = journal.recall([b, a]);
  assert.deepEqual(
    back.map(({id, state}) => [id, state]),
    [
      [a, {name: 'done', outcome: 'skipped'}],
      [b, {name: 'canceled'}],
    ],
  );
  rows.put(back);
  journal.restored([a, b]);
  journal.write();
  assert.deepEqual(
    store.read([a, b]).map(({state}) => state.name),
    ['done', 'canceled'],
  );
});

test('a row that is cleared and restored before anything was written is as it was, and clears again', t => {
  const {add, happen, journal, rows, store} = startJournal(t);
  const [a = 0] = add('a');
  happen(a, {type: 'cancel'});
  journal.removed([a]);
  journal.restored([a]);
  journal.write();
  assert.deepEqual(store.read([a])[0]?.state, {name: 'canceled'});
  journal.removed([a]);
  journal.restored([a]);
  journal.removed([a]);
  rows.forget([a]);
  journal.write();
  assert.deepEqual(store.read([a]), []);
  assert.equal(store.readCleared([a], storedServer).length, 1);
});

test('a row that is restored, done and cleared again before anything was written comes back as done', t => {
  const {add, happen, journal, rows} = startJournal(t);
  const [a = 0] = add('a');
  happen(a, {type: 'cancel'});
  const row = rows.get(a);
  assert.ok(row !== undefined);
  journal.removed([a]);
  rows.forget([a]);
  journal.write();
  rows.put([row]);
  journal.restored([a]);
  happen(a, {type: 'retry'}, start, {type: 'done', outcome: 'verified'});
  journal.removed([a]);
  rows.forget([a]);
  journal.write();
  assert.deepEqual(
    journal.recall([a]).map(({state}) => state),
    [{name: 'done', outcome: 'verified'}],
  );
});

test('cleared rows that cannot be read now are not restored, and that is no fault', t => {
  const {journal, holder} = startJournal(t);
  holder.exec('ALTER TABLE transfer RENAME TO elsewhere');
  assert.deepEqual(journal.recall([1]), []);
  holder.exec('ALTER TABLE elsewhere RENAME TO transfer');
});

test('what a user asks for is written in the next turn, all of one turn together, and not again', t => {
  const {add, happen, journal, pass, stored, writes} = startJournal(t);
  const [a = 0, b = 0] = add('a', 'b');
  journal.write();
  const before = writes();
  for (const id of [a, b]) {
    happen(id, {type: 'pause'});
    journal.writeNext();
  }

  assert.equal(writes(), before);
  pass(0);
  assert.deepEqual([stored(), writes()], [['paused', 'paused'], before + 1]);
  pass(5000);
  assert.equal(writes(), before + 1);
});

test('more rows than fit into one turn are written in the next ones, and removals with the last', t => {
  const {add, happen, journal, rows, pass, store} = startJournal(t);
  const ids = add(...Array.from({length: 5002}, (_, index) => `f${index}`));
  for (const id of ids) {
    happen(id, {type: 'cancel'});
  }

  const last = ids.at(-1) ?? 0;
  journal.removed([last]);
  rows.forget([last]);
  assert.equal(journal.write(), false);
  assert.equal(store.idsIn(['canceled']).length, 5000);
  assert.equal(store.idsIn(['removed']).length, 0);
  pass(0);
  assert.equal(store.idsIn(['canceled']).length, 5001);
  assert.equal(store.idsIn(['removed']).length, 1);
});

test('a queue that is closed writes what is left, and nothing after that', t => {
  const {add, happen, journal, pass, stored, writes} = startJournal(t);
  const [a = 0] = add('a');
  happen(a, {type: 'pause'});
  journal.close();
  assert.deepEqual(stored(), ['paused']);
  const before = writes();
  pass(5000);
  assert.equal(writes(), before);
});
