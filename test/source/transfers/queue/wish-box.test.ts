import assert from 'node:assert/strict';
import {join} from 'node:path';
import {test} from 'node:test';
import {Journal} from '../../../../source/transfers/queue/journal.ts';
import {type RowEvent, rowAfter} from '../../../../source/transfers/queue/rows/row.ts';
import {Rows} from '../../../../source/transfers/queue/rows/rows.ts';
import {WishBox} from '../../../../source/transfers/queue/wish-box.ts';
import type {Wish} from '../../../../source/transfers/terms/wish.ts';
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
