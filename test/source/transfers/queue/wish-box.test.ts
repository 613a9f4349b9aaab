import assert from 'node:assert/strict';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {type TestContext, test} from 'node:test';
import {Journal} from '../../../../source/transfers/queue/journal.ts';
import {type RowEvent, rowAfter} from '../../../../source/transfers/queue/rows/row.ts';
import {Rows} from '../../../../source/transfers/queue/rows/rows.ts';
import {WishBox} from '../../../../source/transfers/queue/wish-box.ts';
import type {Wish, WishAnswer} from '../../../../source/transfers/terms/wish.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {newTransfer, openStore, storedServer} from '../../../fixtures/queue/stored-queue.ts';

test('a cancel is carried out once, and answered when the partial file is deleted', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const rows = new Rows();
  const journal = new Journal(rows, store, storedServer);
  rows.put(journal.add([newTransfer('a')]));
  const [{id} = {id: 0}] = rows.all;
  const happen = (event: RowEvent) => rows.put(rows.slice(0).map(row => rowAfter(row, event)));
  const carriedOut: Wish[] = [];
  const box = new WishBox({rows, store, server: storedServer, journal}, wish => {
    carriedOut.push(wish);
    happen({type: 'cancel', deletePartial: true});
    return {ids: [id]};
  });
  const wish: Wish = {do: 'cancel', which: [id], deletePartial: true};
  const wishId = store.wishes.make(storedServer, wish);
  // At the first two looks, the download still has the partial file open.
  box.carryOut();
  box.carryOut();
  assert.deepEqual(carriedOut, [wish]);
  assert.equal(store.wishes.answerOf(wishId), undefined);
  happen({type: 'deleted'});
  box.answerDeleting();
  assert.deepEqual(store.wishes.answerOf(wishId), {ids: [id], kept: []});
});

/** A queue of `a` and `b` that were added while the database was locked, and were written later. */
function startUnstored(t: TestContext) {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  store.patienceMs = 0;
  const rows = new Rows();
  const journal = new Journal(rows, store, storedServer);
  // In the database their numbers are not those here.
  const [taken = 0] = store.add('other:1', [newTransfer('x')]).map(({id}) => id);
  const holder = new DatabaseSync(file);
  t.after(() => holder.close());
  holder.exec('BEGIN IMMEDIATE');
  rows.put(journal.add(['a', 'b'].map(newTransfer)));
  holder.exec('COMMIT');
  journal.write();
  t.after(() => journal.close());
  const carriedOut: Wish[] = [];
  let answer: WishAnswer = {ids: []};
  const box = new WishBox({rows, store, server: storedServer, journal}, wish => {
    carriedOut.push(wish);
    return answer;
  });
  return {
    ...{store, rows, box, carriedOut, holder},
    own: rows.slice(0).map(({id}) => id),
    stored: [taken + 1, taken + 2],
    /** Carry out a wish of another process. @returns its answer. */
    wish(wish: Wish, given: WishAnswer): WishAnswer | undefined {
      answer = given;
      const id = store.wishes.make(storedServer, wish);
      box.carryOut();
      return store.wishes.answerOf(id);
    },
  };
}

test('other processes name transfers by their numbers in the database, whatever those are here', t => {
  const {own, stored, carriedOut, wish, store} = startUnstored(t);
  const [a = 0, b = 0] = own;
  const [storedA = 0, storedB = 0] = stored;
  assert.deepEqual(
    store.load(storedServer).map(({id}) => id),
    stored,
  );
  assert.notDeepEqual(own, stored);
  assert.deepEqual(wish({do: 'pause', which: [storedB]}, {ids: [b]}), {ids: [storedB]});
  assert.deepEqual(wish({do: 'move', id: storedA, by: 1}, {ids: [a], place: 2, of: 2}), {
    ids: [storedA],
    place: 2,
    of: 2,
  });
  assert.deepEqual(wish({do: 'resume', which: 'all'}, {ids: own}), {ids: stored});
  assert.deepEqual(carriedOut, [
    {do: 'pause', which: [b]},
    {do: 'move', id: a, by: 1},
    {do: 'resume', which: 'all'},
  ]);
});

test('a cancel whose partial cannot be deleted is answered with the reason, by the number in the database', t => {
  const {own, stored, rows, wish, box, store} = startUnstored(t);
  const [a = 0, b = 0] = own;
  const happen = (id: number, ...events: readonly RowEvent[]) => {
    for (const event of events) {
      rows.put(rows.slice(0).flatMap(row => (row.id === id ? rowAfter(row, event) : [])));
    }
  };
  const cancel: RowEvent = {type: 'cancel', deletePartial: true};
  happen(a, cancel);
  happen(b, cancel);
  assert.equal(wish({do: 'cancel', which: stored, deletePartial: true}, {ids: own}), undefined);
  const wishId = 1;
  happen(b, {type: 'fail', code: 'local_io', reason: 'read-only'});
  box.answerDeleting();
  assert.equal(store.wishes.answerOf(wishId), undefined);
  happen(a, {type: 'deleted'});
  box.answerDeleting();
  assert.deepEqual(store.wishes.answerOf(wishId), {
    ids: stored,
    kept: [{id: stored[1], reason: 'read-only'}],
  });
  // One that deletes nothing is answered at once.
  assert.deepEqual(wish({do: 'cancel', which: stored, deletePartial: false}, {ids: own}), {
    ids: stored,
  });
});

test('a wish that is carried out while its answer cannot be written is not carried out again', t => {
  const {own, stored, carriedOut, wish, box, store, holder} = startUnstored(t);
  const id = store.wishes.make(storedServer, {do: 'pause', which: stored});
  holder.exec('BEGIN IMMEDIATE');
  assert.throws(() => wish({do: 'pause', which: stored}, {ids: own}), {errcode: 5});
  box.carryOut();
  box.carryOut();
  assert.equal(carriedOut.length, 1);
  assert.equal(store.wishes.answerOf(id), undefined);
  holder.exec('COMMIT');
  wish({do: 'resume', which: 'all'}, {ids: own});
  assert.equal(carriedOut.length, 2);
  assert.notEqual(store.wishes.answerOf(id), undefined);
});

test('wishes that cannot be read are read next time', t => {
  const {own, stored, carriedOut, wish, box, holder} = startUnstored(t);
  holder.exec('ALTER TABLE wish RENAME TO elsewhere');
  box.carryOut();
  holder.exec('ALTER TABLE elsewhere RENAME TO wish');
  assert.deepEqual(carriedOut, []);
  assert.deepEqual(wish({do: 'pause', which: stored}, {ids: own}), {ids: stored});
});
