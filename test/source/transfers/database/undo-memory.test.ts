import assert from 'node:assert/strict';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {test} from 'node:test';
import type {UndoStep} from '../../../../source/transfers/terms/undo-step.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {openStore, storedServer} from '../../../fixtures/queue/stored-queue.ts';

const day = 24 * 3_600_000;

function step(id: number): UndoStep {
  return {did: 'cancel', ids: [id], deletedBytes: 7};
}

test('every process takes the last remaining step of the server, and no step is taken twice', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const one = openStore(t, file).undoSteps;
  const other = openStore(t, file).undoSteps;
  one.add(storedServer, step(1));
  one.add('other:1', step(2));
  other.add(storedServer, {did: 'clear', ids: [3, 4], deletedBytes: 0});
  assert.deepEqual(one.take(storedServer), {did: 'clear', ids: [3, 4], deletedBytes: 0});
  assert.deepEqual(other.take(storedServer), step(1));
  assert.equal(one.take(storedServer), undefined);
  assert.deepEqual(one.take('other:1'), step(2));
});

test('a step is kept for a day, like cleared rows, and of each server the last hundred', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  let nowMs = 1_790_000_000_000;
  const {undoSteps} = openStore(t, file, () => nowMs);
  for (let id = 0; id < 150; id++) {
    undoSteps.add(storedServer, step(id));
  }

  undoSteps.add('other:1', step(150));
  const taken = Array.from({length: 101}, () => undoSteps.take(storedServer));
  assert.deepEqual([taken.at(0), taken.at(-2), taken.at(-1)], [step(149), step(50), undefined]);
  nowMs += day + 1;
  assert.equal(undoSteps.take('other:1'), undefined);
  // The next process that opens the database deletes the step.
  openStore(t, file, () => nowMs);
  const db = new DatabaseSync(file);
  t.after(() => db.close());
  assert.equal(db.prepare('SELECT count(*) AS count FROM undo_step').get()?.count, 0);
});

test('an invalid step is skipped', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const {undoSteps} = openStore(t, file);
  undoSteps.add(storedServer, step(1));
  const db = new DatabaseSync(file);
  t.after(() => db.close());
  for (const text of ['{', 'null', '{"did":"sing","ids":[1],"deletedBytes":0}']) {
    db.prepare('INSERT INTO undo_step (server, step, made_ms) VALUES (?, ?, ?)').run(
      ...[storedServer, text, Date.now()],
    );
  }

  assert.deepEqual(undoSteps.take(storedServer), step(1));
  assert.equal(undoSteps.take(storedServer), undefined);
});
