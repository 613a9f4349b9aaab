/** What becomes of calls whose threads hang, fail or end. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {closeSync, fstatSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {isJangadaError} from '../../../../../protocol/errors.ts';
import {parseRemotePath, rootPath} from '../../../../../protocol/remote-path.ts';
import {CallThreads} from '../../../../../server/store/folder/disk/call-threads.ts';
import {openRoot} from '../../../../../server/store/folder/root/open-root.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {fakeThreads} from '../../../../fixtures/server/fake-threads.ts';
import {until} from '../../../../fixtures/server/server-folder.ts';

function pool(t: TestContext) {
  const started = fakeThreads(t);
  const threads = new CallThreads({path: '/', descriptor: -1});
  t.after(() => threads.close());
  const stat = () => threads.run('stat', [rootPath]);
  return {started, threads, stat};
}

test('sixteen calls may hang, and the seventeenth is made when one has returned', async t => {
  const {started, stat} = pool(t);
  const calls = Array.from({length: 18}, stat);
  const results = Promise.all(calls);
  await turn();
  assert.equal(started.length, 16);
  assert.ok(started.every(({sent, holdsProcess}) => sent.length === 1 && holdsProcess));
  started[3]?.answer({kind: 'result', result: 'three'});
  assert.equal(started[3]?.sent.length, 2);
  assert.equal(await calls[3], 'three');
  for (const thread of started) {
    thread.answer({kind: 'result', result: 'other'});
  }

  started[3]?.answer({kind: 'result', result: 'last'});
  started[0]?.answer({kind: 'result', result: 'last'});
  assert.deepEqual((await results).slice(15), ['other', 'other', 'last']);
  assert.equal(started.length, 16);
  assert.ok(started.every(({holdsProcess}) => !holdsProcess));
});

/** What a call is refused with; undefined if it waits. */
function refusalOf(call: Promise<unknown>): Promise<unknown> {
  const refused = call.then(
    () => undefined,
    (error: Error) => error.message,
  );
  return Promise.race([refused, turn()]);
}

test('while the disk hangs, 1,024 calls wait, and further ones are refused, but not those that close a file', async t => {
  const {started, stat, threads} = pool(t);
  const busy = 'The disk of the server hangs; try again later';
  const calls = Array.from({length: 16 + 1024}, stat);
  const all = Promise.all(calls);
  all.catch(() => {});
  assert.equal(await refusalOf(all), undefined);
  assert.equal(await refusalOf(stat()), busy);
  assert.equal(await refusalOf(threads.read(9, Buffer.alloc(10), 0, rootPath)), busy);
  const closed = threads.run('close', [9]);
  assert.equal(await refusalOf(closed), undefined);
  const answer = {kind: 'result', result: undefined};
  started[0]?.answer(answer);
  assert.equal(await refusalOf(stat()), busy);
  started[0]?.answer(answer);
  const next = stat();
  assert.equal(await refusalOf(next), undefined);
  assert.equal(started.length, 16);
  // Those that wait, and the one that the thread makes now.
  for (let left = 1024 + 1; left > 0; left--) {
    started[0]?.answer(answer);
  }

  for (const thread of started.slice(1)) {
    thread.answer(answer);
  }

  await Promise.all([all, closed, next]);
});

test('the thread that was busy last has the next call, and one without work for 30 s ends', async t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const {started, stat} = pool(t);
  const both = [stat(), stat()];
  await turn();
  started[0]?.answer({kind: 'result', result: 0});
  started[1]?.answer({kind: 'result', result: 1});
  await Promise.all(both);
  t.mock.timers.tick(29_999);
  const next = stat();
  await turn();
  assert.deepEqual(
    started.map(({sent, isTold}) => [sent.length, isTold]),
    [
      [1, false],
      [2, false],
    ],
  );
  t.mock.timers.tick(1);
  assert.deepEqual(
    started.map(({isTold}) => isTold),
    [true, false],
  );
  started[1]?.answer({kind: 'result', result: 2});
  assert.equal(await next, 2);
});

test('a thread that fails costs its own call, with the cause for the log, and the next has another one', async t => {
  const {started, stat} = pool(t);
  const call = stat();
  await turn();
  started[0]?.emit('error', new Error('out of memory'));
  started[0]?.emit('exit', 1);
  await assert.rejects(call, error => {
    assert.ok(isJangadaError(error, 'internal'));
    assert.match(String(error.cause), /out of memory/);
    return true;
  });
  const next = stat();
  await turn();
  assert.equal(started.length, 2);
  started[1]?.answer({kind: 'result', result: 'next'});
  assert.equal(await next, 'next');
});

test('calls that wait for a thread are made though a thread ends', async t => {
  const {started, stat} = pool(t);
  const calls = Array.from({length: 17}, stat);
  await turn();
  started[5]?.emit('exit', 1);
  await assert.rejects(calls[5] ?? assert.fail(), {code: 'internal'});
  assert.equal(started.length, 17);
  started[16]?.answer({kind: 'result', result: 'late'});
  assert.equal(await calls[16], 'late');
  for (const thread of started) {
    thread.answer({kind: 'result', result: ''});
  }

  await Promise.allSettled(calls);
});

test('an error of a call has its code, its message and its cause', async t => {
  const {started, stat} = pool(t);
  const call = stat();
  await turn();
  started[0]?.answer({kind: 'error', code: 'forbidden', message: 'No', cause: 'EACCES'});
  await assert.rejects(call, error => {
    assert.ok(isJangadaError(error, 'forbidden'));
    assert.deepEqual([error.message, String(error.cause)], ['No', 'Error: EACCES']);
    return true;
  });
});

test('when the server stops, calls end as stopped and not as faults, and none begins', async t => {
  const {started, stat, threads} = pool(t);
  const call = stat();
  await turn();
  const ended = assert.rejects(call, {code: 'aborted'});
  await threads.close();
  assert.equal(started[0]?.isTold, true);
  await ended;
  await assert.rejects(stat(), {code: 'aborted'});
  assert.equal(started.length, 1);
});

test('a read that fails gives no bytes', async t => {
  const {started, threads} = pool(t);
  const into = Buffer.alloc(10, 0xee);
  const reading = threads.read(9, into, 0, rootPath);
  await turn();
  started[0]?.answer({kind: 'error', code: 'internal', message: 'No', cause: 'EIO'});
  await assert.rejects(reading, {code: 'internal'});
  assert.ok(into.equals(Buffer.alloc(10, 0xee)));
});

test('a file that a thread has opened stays open when that thread ends', async t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'file'), 'four');
  const root = openRoot(folder);
  const threads = new CallThreads(root.handle);
  t.after(async () => {
    await threads.close();
    root.close();
  });
  let ended = 0;
  process.on('worker', count);
  t.after(() => process.off('worker', count));
  function count(thread: NodeJS.EventEmitter): void {
    thread.once('exit', () => ended++);
  }

  using timers = t.mock.timers;
  timers.enable({apis: ['setTimeout']});
  const {descriptor} = await threads.run('openFile', [parseRemotePath('file')]);
  timers.tick(60_000);
  timers.reset();
  await until(() => ended === 1, 'the thread has ended');
  assert.equal(fstatSync(descriptor).size, 4);
  closeSync(descriptor);
});
