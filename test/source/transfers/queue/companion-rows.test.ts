/** How a companion shows what the worker writes, step by step. */
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {type TestContext, test} from 'node:test';
import type {SavedTransfer} from '../../../../source/transfers/database/saved-transfer.ts';
import {Companion} from '../../../../source/transfers/queue/companion.ts';
import {Publisher} from '../../../../source/transfers/queue/rows/publisher.ts';
import {RowChanges} from '../../../../source/transfers/queue/rows/row-changes.ts';
import {Rows} from '../../../../source/transfers/queue/rows/rows.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {
  addNames,
  newTransfer,
  openStore,
  savedAs,
  storedServer,
} from '../../../fixtures/queue/stored-queue.ts';

/** A companion of a queue of `a`, and what its worker writes. */
function startCompanion(t: TestContext) {
  let nowMs = 1000;
  t.mock.method(performance, 'now', () => nowMs);
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  store.patienceMs = 0;
  const [id = 0] = addNames(store, ['a']);
  const rows = new Rows();
  const changes = new RowChanges(rows, new Publisher(() => undefined), () => undefined);
  const companion = new Companion(rows, changes, store, storedServer);
  let seq = 0;
  const read = () => {
    companion.take(store.changedSince(storedServer, seq));
    seq = store.seq;
  };
  read();
  return {
    ...{file, store, rows, companion, id, read},
    work: () => rows.get(id)?.work,
    /** The worker has written this, and the companion reads it. */
    write(news: Partial<SavedTransfer>) {
      store.save({transfers: [{...savedAs(store, id, {name: 'downloading'}), ...news}]});
      read();
    },
    tick(ms: number) {
      nowMs += ms;
      companion.tick();
    },
  };
}

const shownOf = ({receivedBytes = 0, verifiedBytes = 0, reusedBytes = 0, copiedBytes = 0} = {}) => [
  receivedBytes,
  verifiedBytes,
  reusedBytes,
  copiedBytes,
];

test('half of the new bytes is shown at once and the rest with the next tick, and no number is above another that contains it', t => {
  const {write, work, tick} = startCompanion(t);
  write({size: 100, receivedBytes: 10});
  // It did not run before.
  assert.deepEqual(shownOf(work()), [10, 0, 0, 0]);
  write({receivedBytes: 51, verifiedBytes: 50, reusedBytes: 40, copiedBytes: 35});
  assert.deepEqual(shownOf(work()), [30, 30, 30, 30]);
  tick(250);
  assert.deepEqual(shownOf(work()), [51, 50, 40, 35]);
  tick(250);
  assert.deepEqual(shownOf(work()), [51, 50, 40, 35]);
  write({receivedBytes: 61, verifiedBytes: 52});
  assert.deepEqual(shownOf(work()), [56, 52, 40, 35]);
  // Bytes that were lost are gone at once, and the half that was still to come with them.
  write({receivedBytes: 52, verifiedBytes: 52});
  assert.deepEqual(shownOf(work()), [52, 52, 40, 35]);
  tick(250);
  assert.deepEqual(shownOf(work()), [52, 52, 40, 35]);
});

test('a transfer that has ended is shown as it is, and one that is cleared does not come back', t => {
  const {write, work, tick, rows, store, id, read} = startCompanion(t);
  write({receivedBytes: 1});
  write({receivedBytes: 3, verifiedBytes: 3});
  write({receivedBytes: 5, verifiedBytes: 5, state: {name: 'done', outcome: 'verified'}});
  assert.deepEqual(shownOf(work()), [5, 5, 0, 0]);
  write({receivedBytes: 1, verifiedBytes: 1});
  write({receivedBytes: 5, verifiedBytes: 5});
  store.save({removed: [id]});
  read();
  tick(250);
  assert.equal(rows.size, 0);
});

test('the map of blocks is the one before, while half of the bytes is shown', t => {
  const {write, companion, id, tick} = startCompanion(t);
  const shown = () => companion.blocksOf(id)?.at(1);
  assert.equal(shown(), undefined);
  write({receivedBytes: 1, blocks: '1g1a'});
  assert.equal(shown(), 'arriving');
  write({receivedBytes: 3, blocks: '2g'});
  assert.equal(shown(), 'arriving');
  tick(250);
  assert.equal(shown(), 'good');
  assert.equal(companion.blocksOf(99), undefined);
});

test('the speed is that of the bytes as they are shown, over the time that has passed, and none when nothing runs', t => {
  const {write, companion, tick} = startCompanion(t);
  write({receivedBytes: 1000});
  tick(250);
  assert.deepEqual([companion.bytesPerSecond, companion.speedHistory], [4000, [4000]]);
  write({receivedBytes: 1500, reusedBytes: 100});
  tick(500);
  // 400 bytes were fetched in half a second.
  assert.deepEqual([companion.bytesPerSecond, companion.speedHistory], [1400 / 0.75, [4000, 800]]);
  for (let index = 0; index < 40; index++) {
    tick(250);
  }

  assert.deepEqual([companion.bytesPerSecond, companion.speedHistory.length], [0, 32]);
  write({receivedBytes: 3500});
  tick(250);
  assert.ok(companion.bytesPerSecond > 0);
  write({state: {name: 'paused'}});
  tick(250);
  assert.equal(companion.bytesPerSecond, 0);
});

test('bytes of a transfer that is read for the first time are no speed: nobody knows when they came', t => {
  const {store, write, id} = startCompanion(t);
  write({receivedBytes: 1000});
  const rows = new Rows();
  const changes = new RowChanges(rows, new Publisher(() => undefined), () => undefined);
  const late = new Companion(rows, changes, store, storedServer);
  late.take(store.read([id]));
  assert.equal(rows.get(id)?.work.receivedBytes, 1000);
  late.tick();
  assert.deepEqual([late.bytesPerSecond, late.speedHistory], [0, [0]]);
});

test('wishes that cannot be written stay in their order, are told as the last word, and are written when they can be', t => {
  const {file, companion, store, id} = startCompanion(t);
  const holder = new DatabaseSync(file);
  t.after(() => holder.close());
  assert.equal(companion.write(), false);
  companion.wish({do: 'cancel', which: [id], deletePartial: false});
  assert.equal(companion.lastWord(id), 'cancel');
  holder.exec('BEGIN IMMEDIATE');
  companion.wish({do: 'retry', which: [id]});
  companion.wish({do: 'pause', which: [id]});
  companion.wish({do: 'retry', which: [id + 1]});
  assert.deepEqual([companion.unwritten.length, companion.lastWord(id)], [3, 'retry']);
  assert.throws(() => companion.add([newTransfer('b')]), {
    code: 'local_io',
    message: 'The queue cannot be written now, and nothing was added: try again',
  });
  assert.equal(companion.write(), false);
  holder.exec('COMMIT');
  assert.equal(companion.write(), true);
  assert.deepEqual(companion.unwritten, []);
  assert.deepEqual(
    store.wishes.open(storedServer).map(({wish}) => wish.do),
    ['cancel', 'retry', 'pause', 'retry'],
  );
  assert.equal(companion.lastWord(id + 2), undefined);
  holder.exec('BEGIN IMMEDIATE');
  companion.wish({do: 'pause', which: [id]});
  assert.deepEqual(companion.takeUnwritten(), [{do: 'pause', which: [id]}]);
  assert.deepEqual(companion.takeUnwritten(), []);
  holder.exec('COMMIT');
  // When wishes cannot be read, those that were not written still tell.
  holder.exec('ALTER TABLE wish RENAME TO elsewhere');
  companion.wish({do: 'cancel', which: [id], deletePartial: true});
  assert.equal(companion.lastWord(id), 'cancel');
});

test('what a companion adds has the places that it has in the database', t => {
  const {companion, store} = startCompanion(t);
  const added = companion.add(['b', 'c'].map(newTransfer));
  assert.deepEqual(
    added.map(({id, position, transfer}) => [id, position, transfer.remotePath]),
    store
      .load(storedServer)
      .slice(1)
      .map(({id, position, transfer}) => [id, position, transfer.remotePath]),
  );
});
