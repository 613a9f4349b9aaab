/** What becomes of the calls of a shelf whose thread hangs, fails or ends. */
import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import type {NumberedCall} from '../../../../server/indexes/shelves/shelf-messages.ts';
import {ThreadShelf} from '../../../../server/indexes/shelves/thread-shelf.ts';
import {type FakeThread, fakeThreads} from '../../../fixtures/server/fake-threads.ts';

const file = {path: 'a', state: 's', size: 5_000_000, algorithm: 'sha256'} as const;
const place = {kind: 'folder', folder: '/nowhere'} as const;

function shelfOf(t: TestContext) {
  const started = fakeThreads(t);
  return {started, shelf: new ThreadShelf(place, 'base/')};
}

function callsTo(thread: FakeThread | undefined): NumberedCall[] {
  // A shelf sends nothing else.
  return (thread?.sent ?? []) as NumberedCall[];
}

test('a shelf that nobody asks has no thread, and closing it starts none', async t => {
  const {started, shelf} = shelfOf(t);
  await shelf.close();
  assert.equal(started.length, 0);
});

test('each call gets its own answer, and the thread keeps the process only meanwhile', async t => {
  const {started, shelf} = shelfOf(t);
  const loads = [shelf.load(file, 0), shelf.load({...file, path: 'b'}, 1)];
  await turn();
  const [thread] = started;
  assert.deepEqual(thread?.options.workerData, place);
  assert.deepEqual(
    callsTo(thread).map(({call}) => call),
    [
      {do: 'load', key: {file: {...file, path: 'base/a'}, section: 0}},
      {do: 'load', key: {file: {...file, path: 'base/b'}, section: 1}},
    ],
  );
  const [first = 0, second = 0] = callsTo(thread).map(({id}) => id);
  thread?.answer({id: second, error: 'the disk is full'});
  await assert.rejects(loads[1] ?? assert.fail(), /the disk is full/);
  assert.equal(thread?.holdsProcess, true);
  const runs = [{first: 0, digests: new Uint8Array(32)}];
  thread?.answer({id: first, runs});
  assert.deepEqual(await loads[0], runs);
  assert.equal(thread?.holdsProcess, false);
  assert.equal(started.length, 1);
});

test('sections that are saved in one turn go together, and later ones by themselves', async t => {
  const {started, shelf} = shelfOf(t);
  const saves = [shelf.save(file, 0, []), shelf.save(file, 1, [])];
  await turn();
  saves.push(shelf.save(file, 2, []));
  await turn();
  const sections = callsTo(started[0]).map(({call}) =>
    call.do === 'save' ? call.sections.map(({key}) => key.section) : [],
  );
  assert.deepEqual(sections, [[0, 1], [2]]);
  const [first = 0, second = 0] = callsTo(started[0]).map(({id}) => id);
  started[0]?.answer({id: first, error: 'locked'});
  started[0]?.answer({id: second, runs: []});
  const results = await Promise.allSettled(saves);
  assert.deepEqual(
    results.map(({status}) => status),
    ['rejected', 'rejected', 'fulfilled'],
  );
});

test('a thread that ends fails its calls with the reason, and the next call has another one', async t => {
  const {started, shelf} = shelfOf(t);
  const loads = [shelf.load(file, 0), shelf.load(file, 1)];
  await turn();
  started[0]?.emit('error', new Error('out of memory'));
  for (const load of loads) {
    await assert.rejects(load, /out of memory/);
  }

  const next = shelf.load(file, 0);
  await turn();
  assert.equal(started.length, 2);
  // The first one is gone for good now: that is no matter of the second.
  started[0]?.emit('exit', 1);
  started[1]?.answer({id: callsTo(started[1])[0]?.id, runs: []});
  assert.deepEqual(await next, []);
});

test('closing waits for the thread to close its place, but for two seconds at most', async t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  for (const answers of [true, false]) {
    const {started, shelf} = shelfOf(t);
    const load = shelf.load(file, 0);
    load.catch(() => {});
    await turn();
    let isClosed = false;
    const closing = shelf.close().then(() => {
      isClosed = true;
    });
    await assert.rejects(shelf.load(file, 0), {code: 'aborted'});
    await turn();
    const [, close] = callsTo(started[0]);
    assert.equal(close?.call.do, 'close');
    assert.deepEqual([isClosed, started[0]?.isTold], [false, false]);
    if (answers) {
      started[0]?.answer({id: close?.id, runs: []});
    } else {
      t.mock.timers.tick(1999);
      await turn();
      assert.equal(started[0]?.isTold, false);
      t.mock.timers.tick(1);
    }

    await closing;
    assert.equal(started[0]?.isTold, true);
    await shelf.close();
    assert.equal(callsTo(started[0]).length, 2);
  }
});
