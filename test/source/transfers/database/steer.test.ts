import assert from 'node:assert/strict';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import type {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import {steer} from '../../../../source/transfers/database/steer.ts';
import type {Wish} from '../../../../source/transfers/terms/wish.ts';
import {temporaryFolder, until} from '../../../fixtures/harness.ts';
import {type StoreProcess, startProcess} from '../../../fixtures/queue/store-process.ts';
import {
  addNames,
  namesIn,
  openStore,
  savedAs,
  statesIn,
  storedServer,
} from '../../../fixtures/queue/stored-queue.ts';

const {signal} = new AbortController();

/** A process that works on the queue in `file`, and runs `answer` for each wish. */
async function startWorker(t: TestContext, file: string, answer: string): Promise<StoreProcess> {
  const worker = startProcess(
    t,
    `
    const store = new QueueStore(${JSON.stringify(file)});
    const lease = store.lease('${storedServer}');
    say(lease.take());
    setInterval(() => {
      for (const {id, wish} of store.wishes.open('${storedServer}')) {
        ${answer};
      }
    }, 5);`,
  );
  assert.equal(await worker.hears(0), true);
  return worker;
}

function openWishes(store: QueueStore): Wish[] {
  return store.wishes.open(storedServer).map(({wish}) => wish);
}

test('if no process works on a queue, the wish is carried out in this process and not stored', async t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const ids = addNames(store, ['a', 'b', 'c']);
  const [a = 0] = ids;
  assert.deepEqual(await steer(store, storedServer, {do: 'pause', which: 'all'}, {signal}), {ids});
  assert.deepEqual(await steer(store, storedServer, {do: 'move', id: a, by: 1}, {signal}), {
    ids: [a],
    place: 2,
    of: 3,
  });
  assert.deepEqual(namesIn(store), ['b', 'a', 'c']);
  assert.deepEqual(statesIn(store), ['paused', 'paused', 'paused']);
  assert.deepEqual(openWishes(store), []);
  using lease = store.lease(storedServer);
  assert.equal(lease.take(), true);
});

test('clearing and canceling can be undone, and the deleted bytes are known', async t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const [a = 0, b = 0] = addNames(store, ['a', 'b']);
  store.save({transfers: [{...savedAs(store, a, {name: 'paused'}), verifiedBytes: 4}]});
  await steer(store, storedServer, {do: 'cancel', which: [a], deletePartial: true}, {signal});
  await steer(store, storedServer, {do: 'cancel', which: [b], deletePartial: false}, {signal});
  await steer(store, storedServer, {do: 'clear', which: 'all'}, {signal});
  await steer(store, storedServer, {do: 'clear', which: 'all'}, {signal});
  const taken = Array.from({length: 4}, () => store.undoSteps.take(storedServer));
  assert.deepEqual(taken, [
    {did: 'clear', ids: [b], deletedBytes: 0},
    {did: 'cancel', ids: [b], deletedBytes: 0},
    {did: 'cancel', ids: [a], deletedBytes: 4},
    undefined,
  ]);
});

test('the `here` work is done while no other process can work on the queue', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const [id = 0] = addNames(store, ['a']);
  const other = openStore(t, file);
  const taken: boolean[] = [];
  const answer = await steer(
    store,
    storedServer,
    {do: 'cancel', which: [id], deletePartial: true},
    {
      signal,
      here: async ({ids}) => {
        using lease = other.lease(storedServer);
        taken.push(lease.take());
        return {ids, kept: [{id, reason: 'busy'}]};
      },
    },
  );
  assert.deepEqual([answer, taken], [{ids: [id], kept: [{id, reason: 'busy'}]}, [false]]);
});

test('the process that works on a queue carries out the wish and answers', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const [id = 0] = addNames(store, ['a']);
  await startWorker(t, file, 'say(wish); store.wishes.answer(id, {ids: [41]})');
  const answer = await steer(
    store,
    storedServer,
    {do: 'pause', which: [id]},
    {
      signal,
      here: () => assert.fail('it is not done here'),
    },
  );
  assert.deepEqual(answer, {ids: [41]});
  assert.deepEqual([statesIn(store), openWishes(store)], [['queued'], []]);
  // Of this first wish nothing is kept.
  assert.equal(store.wishes.answerOf(1), undefined);
});

test('what the worker has cleared or canceled for a command can be taken back, too', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const worker = openStore(t, file);
  using lease = worker.lease(storedServer);
  assert.equal(lease.take(), true);
  const [a = 0, b = 0] = addNames(store, ['a', 'b']);
  store.save({transfers: [{...savedAs(store, a, {name: 'paused'}), verifiedBytes: 4}]});
  const steps: ReadonlyArray<[Wish, number[]]> = [
    [{do: 'cancel', which: [a, b], deletePartial: true}, [a]],
    [{do: 'clear', which: [a]}, [a]],
    [{do: 'clear', which: [a]}, []],
    [{do: 'pause', which: [b]}, [b]],
  ];
  for (const [wish, ids] of steps) {
    const answered = steer(store, storedServer, wish, {signal});
    await until(() => openWishes(store).length === 1);
    const [open] = worker.wishes.open(storedServer);
    worker.wishes.answer(open?.id ?? 0, {ids});
    assert.deepEqual(await answered, {ids});
  }

  const taken = Array.from({length: 3}, () => store.undoSteps.take(storedServer));
  assert.deepEqual(taken, [
    {did: 'clear', ids: [a], deletedBytes: 0},
    {did: 'cancel', ids: [a], deletedBytes: 4},
    undefined,
  ]);
});

test('a wish whose worker dies before it answers is carried out by this process, once', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const [a = 0] = addNames(store, ['a', 'b', 'c']);
  const worker = await startWorker(t, file, 'say(wish)');
  const wish: Wish = {do: 'move', id: a, by: 1};
  const answered = steer(store, storedServer, wish, {signal, waitMs: 60_000});
  assert.deepEqual(await worker.hears(1), wish);
  await worker.kill('SIGKILL');
  assert.deepEqual(await answered, {ids: [a], place: 2, of: 3});
  assert.deepEqual([namesIn(store), openWishes(store)], [['b', 'a', 'c'], []]);
});

test('a wish whose worker dies after its answer is not carried out again', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const [a = 0] = addNames(store, ['a', 'b', 'c']);
  const wish: Wish = {do: 'move', id: a, by: 1};
  // The worker has carried out the wish, answered and died before any process reads the answer.
  const answer = store.orders.carryOut(storedServer, wish);
  const id = store.wishes.make(storedServer, wish);
  store.wishes.answer(id, answer);
  assert.deepEqual(store.orders.carryOutInTurn(storedServer, wish, id), answer);
  assert.deepEqual(namesIn(store), ['b', 'a', 'c']);
  assert.equal(store.wishes.answerOf(id), undefined);
});

test('without an answer in time, the wish stays stored, and is carried out before the next one', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const ids = addNames(store, ['a', 'b']);
  const worker = await startWorker(t, file, '');
  await worker.kill('SIGSTOP');
  const pause: Wish = {do: 'pause', which: ids};
  assert.equal(await steer(store, storedServer, pause, {signal, waitMs: 1}), undefined);
  assert.deepEqual([openWishes(store), statesIn(store)], [[pause], ['queued', 'queued']]);
  await worker.kill('SIGKILL');
  // The newest wish counts: the older one must not undo it when another process takes over.
  assert.deepEqual(await steer(store, storedServer, {do: 'resume', which: ids}, {signal}), {ids});
  assert.deepEqual([openWishes(store), statesIn(store)], [[], ['queued', 'queued']]);
});

test('if the worker dies, the wish of each waiting process is carried out once', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  const names = ['a', 'b', 'c', 'd', 'e'];
  const [a = 0] = addNames(store, names);
  const worker = await startWorker(t, file, '');
  const others = [1, 2, 3].map(() =>
    startProcess(
      t,
      `
      const store = new QueueStore(${JSON.stringify(file)});
      const {signal} = new AbortController();
      const wish = {do: 'move', id: ${a}, by: 1};
      say(await steer(store, '${storedServer}', wish, {signal, waitMs: 60_000}));`,
    ),
  );
  await until(() => openWishes(store).length === others.length);
  await worker.kill('SIGKILL');
  const answers = await Promise.all(others.map(other => other.hears(0)));
  assert.deepEqual(
    answers.map(answer => JSON.stringify(answer)).sort(),
    [2, 3, 4].map(place => JSON.stringify({ids: [a], place, of: 5})),
  );
  assert.deepEqual(namesIn(store), ['b', 'c', 'd', 'a', 'e']);
  await Promise.all(others.map(other => other.ended()));
  assert.deepEqual(openWishes(store), []);
});

test('the answer to a cancel that another process has left says that the partial file still exists', async t => {
  const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const [a = 0, b = 0] = addNames(store, ['a', 'b']);
  const left = store.wishes.make(storedServer, {do: 'cancel', which: [a], deletePartial: true});
  await steer(store, storedServer, {do: 'pause', which: [b]}, {signal});
  assert.deepEqual(
    store.wishes.answerOf(left)?.kept?.map(({id}) => id),
    [a],
  );
  // The row stays until a worker has deleted the partial file.
  assert.deepEqual(await steer(store, storedServer, {do: 'clear', which: 'all'}, {signal}), {
    ids: [],
  });
  assert.deepEqual(store.read([a])[0]?.state, {name: 'canceled', deletePartial: true});
});

test('a command that is stopped while it waits ends, and its wish stays stored', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  addNames(store, ['a']);
  await startWorker(t, file, 'say(wish)');
  const stop = new AbortController();
  const answered = steer(store, storedServer, {do: 'pause', which: 'all'}, {signal: stop.signal});
  await until(() => openWishes(store).length === 1);
  stop.abort();
  await assert.rejects(answered, {code: 'aborted'});
  assert.equal(openWishes(store).length, 1);
});
