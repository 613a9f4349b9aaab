import assert from 'node:assert/strict';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {type TestContext, test} from 'node:test';
import {setTimeout} from 'node:timers/promises';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import {PlaceLocks} from '../../../../source/transfers/queue/place-locks.ts';
import {temporaryFolder, until} from '../../../fixtures/harness.ts';

const never = new AbortController().signal;

function stores(t: TestContext): {mine: QueueStore; other: QueueStore; database: string} {
  const database = join(temporaryFolder(t), 'queue.db');
  const mine = new QueueStore(database);
  const other = new QueueStore(database);
  t.after(() => {
    mine[Symbol.dispose]();
    other[Symbol.dispose]();
  });
  return {mine, other, database};
}

function openLocks(
  t: TestContext,
  store: QueueStore,
  next: (count: number) => readonly string[],
): PlaceLocks {
  const locks = new PlaceLocks(store, next);
  t.after(() => locks.stop());
  return locks;
}

/** What of `places` a client can lock; it lets go of it again. */
function freeFor(store: QueueStore, places: readonly string[]): string[] {
  const held = store.lock(places);
  const free = places.filter(place => !held.has(place));
  store.unlock(free);
  return free;
}

/** Places are held one after the other, each for a moment, until some are locked ahead. */
async function lockAhead(locks: PlaceLocks, other: QueueStore, next: string[]): Promise<void> {
  for (let count = 0; freeFor(other, next).length === next.length; count++) {
    await locks.hold([`/to/short${count}`], never);
    locks.release([`/to/short${count}`]);
    await setTimeout(10);
  }
}

test('a place is held by one client, and free again when it is released', async t => {
  const {mine, other} = stores(t);
  const locks = openLocks(t, mine, () => []);
  assert.equal((await locks.hold(['/to/a', '/to/b'], never)).size, 0);
  assert.ok(locks.isHeld('/to/a'));
  assert.deepEqual(freeFor(other, ['/to/a', '/to/b', '/to/c']), ['/to/c']);
  locks.release(['/to/a', '/to/b']);
  assert.ok(!locks.isHeld('/to/a'));
  assert.deepEqual(freeFor(other, ['/to/a', '/to/b']), ['/to/a', '/to/b']);
});

test('what is locked ahead is nobody else’s, and free again if it does not begin', async t => {
  const {mine, other} = stores(t);
  const next = ['/to/x', '/to/y', '/to/z'];
  const locks = openLocks(t, mine, count => next.slice(0, count));
  await lockAhead(locks, other, next);
  await until(() => freeFor(other, next).length === next.length);
  await lockAhead(locks, other, next);
  assert.ok(locks.unlockUnused());
  assert.deepEqual(freeFor(other, next), next);
});

test('a place that another client has is not taken to be locked ahead, though it is named twice', async t => {
  const {mine, other} = stores(t);
  const next = ['/to/theirs', '/to/theirs', '/to/x'];
  other.lock(['/to/theirs']);
  const locks = openLocks(t, mine, () => next);
  const others = await locks.hold(['/to/a'], never);
  assert.deepEqual([...others.keys()], []);
  await lockAhead(locks, other, ['/to/x']);
  assert.deepEqual([...(await locks.hold(['/to/theirs'], never)).keys()], ['/to/theirs']);
  assert.ok(!locks.isHeld('/to/theirs'));
});

test('what was locked ahead is let go of when it has to stop before all of it is held', async t => {
  const {mine, other, database} = stores(t);
  const locks = openLocks(t, mine, () => ['/to/x']);
  await locks.hold(['/to/long'], never);
  await lockAhead(locks, other, ['/to/x']);
  mine.patienceMs = 0;
  const holder = new DatabaseSync(database);
  holder.exec('BEGIN IMMEDIATE');
  await assert.rejects(locks.hold(['/to/x', '/to/y'], AbortSignal.abort()), {code: 'aborted'});
  holder.close();
  assert.ok(!locks.isHeld('/to/x'));
  locks.release(['/to/long']);
  assert.deepEqual(freeFor(other, ['/to/x', '/to/y']), ['/to/x', '/to/y']);
});
