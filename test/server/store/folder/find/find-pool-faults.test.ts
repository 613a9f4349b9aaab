/** What becomes of searches whose threads hang, fail or end. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {isJangadaError} from '../../../../../protocol/errors.ts';
import {rootPath} from '../../../../../protocol/remote-path.ts';
import {type FindTask, stateAt} from '../../../../../server/store/folder/find/find-messages.ts';
import {FindPool} from '../../../../../server/store/folder/find/find-pool.ts';
import {fakeThreads} from '../../../../fixtures/server/fake-threads.ts';

const nothing = {count: 0, first: []};

function poolOf(t: TestContext) {
  t.mock.timers.enable({apis: ['setInterval']});
  const started = fakeThreads(t);
  const pool = new FindPool({path: '/', descriptor: -1}, 60_000);
  t.after(() => pool.close());
  const find = (signal = new AbortController().signal, peer = 'a') =>
    pool.run({path: rootPath, masks: ['**'], folders: false}, {peer, signal});
  /** The first answer of a search; a test looks at some of them only. */
  const search = (signal?: AbortSignal, peer?: string) => {
    const first = find(signal, peer).next();
    first.catch(() => {});
    return first;
  };
  /** The numbers that the server shares with a thread for its last search. */
  const stateOf = (index: number) => {
    const task = started[index]?.sent.at(-1) as FindTask | undefined;
    return new Int32Array(task?.state ?? assert.fail('it has no task'));
  };
  return {started, pool, find, search, stateOf};
}

const frame = {frame: Buffer.from('frame'), entries: 1, files: 1, bytes: 0};

test('a thread that has ended its search is used for the next one, and one more is not kept', async t => {
  const {started, search} = poolOf(t);
  const results = [search(), search()];
  await turn();
  assert.equal(started.length, 2);
  for (const thread of started) {
    assert.equal(thread.holdsProcess, true);
    thread.answer({kind: 'ended', unsearched: nothing});
  }

  assert.deepEqual(await Promise.all(results), [
    {done: true, value: nothing},
    {done: true, value: nothing},
  ]);
  assert.deepEqual(
    started.map(({isTold, holdsProcess}) => [isTold, holdsProcess]),
    [
      [false, false],
      [true, false],
    ],
  );
  const third = search();
  await turn();
  assert.equal(started.length, 2);
  started[0]?.answer({kind: 'failed', code: 'bad_mask', message: 'A mask is bad'});
  await assert.rejects(third, {code: 'bad_mask'});
  // That was the fault of the masks, not of the thread.
  assert.equal(started[0]?.isTold, false);
  assert.deepEqual(
    ['message', 'error', 'exit'].map(name => started[0]?.listenerCount(name)),
    [0, 1, 1],
  );
});

test('a client that leaves stops the thread, and its search does not seem to be complete', async t => {
  const {started, find, stateOf} = poolOf(t);
  const leaver = new AbortController();
  const frames = find(leaver.signal);
  const first = frames.next();
  await turn();
  started[0]?.answer({kind: 'found', found: frame});
  assert.equal((await first).done, false);
  const next = frames.next();
  assert.equal(stateOf(0)[stateAt.stop], 0);
  leaver.abort();
  assert.equal(stateOf(0)[stateAt.stop], 1);
  started[0]?.answer({kind: 'ended', unsearched: nothing});
  await assert.rejects(next, {code: 'aborted'});
});

for (const order of ['before', 'after'] as const) {
  test(`a client that leaves ${order} a call hangs does not wait for the call`, async t => {
    const {search, stateOf} = poolOf(t);
    const leaver = new AbortController();
    const next = search(leaver.signal);
    await turn();
    const state = stateOf(0);
    state[stateAt.reads] = 7;
    assert.equal(state[stateAt.reading], 1);
    if (order === 'before') {
      leaver.abort();
      t.mock.timers.tick(3000);
    } else {
      t.mock.timers.tick(3000);
      leaver.abort();
    }

    await assert.rejects(next, {code: 'aborted'});
  });
}

test('a search whose call hangs gives its turn to others, and goes on with one when the call is back', async t => {
  const {started, search, stateOf} = poolOf(t);
  const hanging = [search(), search()];
  const third = search();
  await turn();
  assert.equal(started.length, 2);
  for (const index of [0, 1]) {
    stateOf(index)[stateAt.reads] = 7;
  }

  t.mock.timers.tick(3000);
  await turn();
  assert.equal(started.length, 3);
  started[2]?.answer({kind: 'ended', unsearched: nothing});
  await third;
  for (const index of [0, 1]) {
    stateOf(index)[stateAt.reading] = 0;
  }

  t.mock.timers.tick(3000);
  for (const thread of started.slice(0, 2)) {
    thread.answer({kind: 'ended', unsearched: {count: 3, first: []}});
  }

  for (const result of hanging) {
    assert.deepEqual((await result).value, {count: 3, first: []});
  }
});

test('eight threads may hang; then searches are refused, until a call is back', async t => {
  const {started, search, stateOf} = poolOf(t);
  const hanging: Promise<unknown>[] = [];
  for (let index = 0; index < 8; index++) {
    hanging.push(search(undefined, `${index}`));
    await turn();
    stateOf(index)[stateAt.reads] = 7;
    t.mock.timers.tick(3000);
  }

  await assert.rejects(search(), {code: 'busy', message: /disk of the server hangs/});
  assert.equal(started.length, 8);
  stateOf(0)[stateAt.reading] = 0;
  t.mock.timers.tick(3000);
  const next = search();
  await turn();
  assert.equal(started.length, 9);
  for (const thread of started) {
    thread.answer({kind: 'ended', unsearched: nothing});
  }

  await Promise.all([...hanging, next]);
});

for (const [what, fault, code, cause] of [
  [
    'without memory',
    Object.assign(new Error('no memory'), {code: 'ERR_WORKER_OUT_OF_MEMORY'}),
    'too_large',
    /no memory/,
  ],
  ['that fails', new Error('a fault'), 'internal', /a fault/],
  ['that ends', undefined, 'internal', /^undefined$/],
] as const) {
  test(`a thread ${what} ends its search with ${code}, and is not used again`, async t => {
    const {started, search} = poolOf(t);
    const next = search();
    await turn();
    if (fault === undefined) {
      started[0]?.emit('exit', 1);
    } else {
      started[0]?.emit('error', fault);
    }

    await assert.rejects(next, error => {
      assert.ok(isJangadaError(error, code));
      assert.match(String(error.cause), cause);
      return true;
    });
    void search();
    await turn();
    assert.equal(started.length, 2);
  });
}

test('an idle thread that ends is not used again', async t => {
  const {started, search} = poolOf(t);
  const first = search();
  await turn();
  started[0]?.answer({kind: 'ended', unsearched: nothing});
  await first;
  started[0]?.emit('error', new Error('between two searches'));
  started[0]?.emit('exit', 1);
  void search();
  await turn();
  assert.equal(started.length, 2);
});

test('of nine searches whose clients do not read, the first loses its thread at once and is told why', async t => {
  const {started, find, stateOf} = poolOf(t);
  const searches = [];
  for (let index = 0; index < 9; index++) {
    const found = find();
    const first = found.next();
    await turn();
    started[index]?.answer({kind: 'found', found: frame});
    await first;
    assert.ok(started.every(({isTold}) => !isTold));
    stateOf(index)[stateAt.credit] = 0;
    stateOf(index)[stateAt.waiting] = 1;
    started[index]?.answer({kind: 'waits'});
    searches.push(found);
  }

  // Its client still does not read: the thread must not wait for that.
  assert.deepEqual(
    started.map(({isTold}) => isTold),
    [true, ...Array.from({length: 8}, () => false)],
  );
  await assert.rejects(searches[0]?.next() ?? Promise.resolve(), {code: 'busy'});
});
