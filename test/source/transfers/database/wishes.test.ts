import assert from 'node:assert/strict';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {test} from 'node:test';
import type {Wish} from '../../../../source/transfers/terms/wish.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {openStore, storedServer} from '../../../fixtures/queue/stored-queue.ts';

const wishes: readonly Wish[] = [
  {do: 'pause', which: 'all'},
  {do: 'resume', which: [1, 2]},
  {do: 'clear', which: []},
  {do: 'retry', which: 'failed'},
  {do: 'cancel', which: [3], deletePartial: true},
  {do: 'priority', which: [1], priority: 'low'},
  {do: 'move', id: 1, by: -3},
];

test('wishes are read in the order in which they were made, unchanged', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const companion = openStore(t, file);
  const worker = openStore(t, file);
  const ids = wishes.map(wish => companion.wishes.make(storedServer, wish));
  companion.wishes.make('other:1', {do: 'pause', which: 'all'});
  assert.deepEqual(
    worker.wishes.open(storedServer),
    wishes.map((wish, index) => ({id: ids[index], wish})),
  );
});

test('an answer reaches the process that waits for it, and the wish is no longer open', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const companion = openStore(t, file);
  const worker = openStore(t, file);
  const [first = 0, second = 0] = wishes
    .slice(0, 2)
    .map(wish => companion.wishes.make(storedServer, wish));
  assert.equal(companion.wishes.answerOf(first), undefined);
  const answer = {ids: [1], kept: [{id: 1, reason: 'busy'}], place: 2, of: 3};
  worker.save({carriedOut: new Map([[first, answer]])});
  assert.deepEqual(companion.wishes.answerOf(first), answer);
  assert.equal(companion.wishes.answerOf(second), undefined);
  assert.deepEqual(
    worker.wishes.open(storedServer).map(({id}) => id),
    [second],
  );
  companion.wishes.forget(first);
  assert.equal(companion.wishes.answerOf(first), undefined);
  worker.save({carriedOut: new Map([[second, {ids: []}]])});
  assert.deepEqual(worker.wishes.open(storedServer), []);
});

test('two wishes never have the same number', t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const first = store.wishes.make(storedServer, {do: 'pause', which: 'all'});
  store.wishes.forget(first);
  assert.notEqual(store.wishes.make(storedServer, {do: 'pause', which: 'all'}), first);
});

test('invalid wishes and answers are left out', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const good = store.wishes.make(storedServer, {do: 'pause', which: 'all'});
  const db = new DatabaseSync(file);
  for (const text of ['', 'null', '{', '{"do":"explode"}', '{"do":"move","id":-1,"by":1}', '[]']) {
    db.prepare('INSERT INTO wish (server, wish, made_ms) VALUES (?, ?, 0)').run(storedServer, text);
  }

  assert.deepEqual(
    store.wishes.open(storedServer).map(({id}) => id),
    [good],
  );
  for (const text of ['', 'null', '{', '{"ids":"all"}']) {
    db.prepare('UPDATE wish SET answer = ? WHERE id = ?').run(text, good);
    assert.equal(store.wishes.answerOf(good), undefined);
  }

  db.close();
});

test('answers that no process reads are deleted after a day; a wish is not', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  let nowMs = Date.now();
  const store = openStore(t, file, () => nowMs);
  const [answered = 0, open = 0] = wishes
    .slice(0, 2)
    .map(wish => store.wishes.make(storedServer, wish));
  store.wishes.answer(answered, {ids: []});
  nowMs += 23 * 3_600_000;
  openStore(t, file, () => nowMs);
  assert.deepEqual(store.wishes.answerOf(answered), {ids: []});
  nowMs += 90 * 24 * 3_600_000;
  openStore(t, file, () => nowMs);
  assert.equal(store.wishes.answerOf(answered), undefined);
  assert.deepEqual(
    store.wishes.open(storedServer).map(({id}) => id),
    [open],
  );
});
