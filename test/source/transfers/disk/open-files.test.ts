import assert from 'node:assert/strict';
import {test} from 'node:test';
import {JangadaError} from '../../../../protocol/errors.ts';
import {OpenFiles, openFiles} from '../../../../source/transfers/disk/open-files.ts';
import {path, startHarness, until} from '../../../fixtures/harness.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(code), {code});
}

const noDescriptor = new JangadaError('local_io', 'a: too many files are open', {
  cause: systemError('EMFILE'),
});

test('half of the spare descriptors are for small files, a quarter is for folders', () => {
  const files = new OpenFiles(40);
  assert.equal(files.folders, 10);
  for (let place = 0; place < 20; place++) {
    assert.equal(files.take(), true);
  }

  assert.equal(files.take(), false);
});

test('a few places exist however low the limit is, and without a limit no more than are useful', () => {
  const few = new OpenFiles(-20);
  assert.deepEqual([few.folders, few.take()], [4, true]);
  const many = new OpenFiles(Number.POSITIVE_INFINITY);
  assert.equal(many.folders, 256);
  let places = 0;
  while (many.take()) {
    places++;
  }

  assert.equal(places, 4096);
});

test('a few places also exist without a limit on a machine that cannot count open files', () => {
  const files = new OpenFiles(Number.POSITIVE_INFINITY - Number.POSITIVE_INFINITY);
  assert.deepEqual([files.folders, files.take()], [4, true]);
});

test('a free place is reported once to each waiter', () => {
  const files = new OpenFiles(0);
  while (files.take()) {
    // Take all places.
  }

  const told: string[] = [];
  files.whenFree(() => told.push('first'));
  files.whenFree(() => told.push('second'));
  files.whenFree(() => told.push('gone'))();
  files.give();
  files.give();
  assert.deepEqual(told, ['first', 'second']);
  assert.equal(files.take(), true);
});

test('work without a descriptor is tried again for half a minute, which begins again when a descriptor was found', async () => {
  let nowMs = 0;
  const files = new OpenFiles(100, () => nowMs);
  assert.equal(files.mayRetry(noDescriptor), true);
  assert.equal(files.mayRetry(systemError('ENFILE')), true);
  nowMs = 29_999;
  assert.equal(files.mayRetry(noDescriptor), true);
  files.opened();
  nowMs = 40_000;
  assert.equal(files.mayRetry(noDescriptor), true);
  nowMs = 70_000;
  assert.equal(files.mayRetry(noDescriptor), false);
  assert.equal(files.mayRetry(systemError('ENOSPC')), false);
  // No place is given until files have had time to close.
  assert.equal(files.take(), false);
  await until(() => files.take());
});

test('who waits for a place hears of none while descriptors are missing, and of all a moment later', t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const files = new OpenFiles(0, () => 0);
  assert.equal(files.take(), true);
  files.mayRetry(noDescriptor);
  let told = 0;
  files.whenFree(() => told++);
  files.give();
  t.mock.timers.tick(99);
  assert.deepEqual([told, files.take()], [0, false]);
  // A second one that is missing does not put it off.
  files.mayRetry(noDescriptor);
  t.mock.timers.tick(1);
  assert.deepEqual([told, files.take()], [1, true]);
});

test('a moment without a descriptor ends when the work is stopped', async () => {
  const stop = new AbortController();
  const waiting = new OpenFiles(0).moment(stop.signal);
  stop.abort();
  await assert.rejects(waiting, {code: 'aborted'});
});

test('small files in a folder that is already open do not show that a descriptor was found', async t => {
  let aheadMs = 0;
  const now = performance.now.bind(performance);
  t.mock.method(performance, 'now', () => now() + aheadMs);
  const {queue, target: folder, download, serve} = await startHarness(t);
  serve('a', 'a');
  await download(['a'], {sizes: true});
  assert.equal(openFiles.mayRetry(noDescriptor), true);
  aheadMs = 40_000;
  const file = {remotePath: path('gone'), folder, localPath: 'gone', size: 1} as const;
  const [id = 0] = queue.add([{...file, onConflict: 'fail'}]);
  await queue.idle();
  const state = queue.transfer(id)?.state;
  assert.equal(state?.name === 'failed' && state.code, 'not_found');
  assert.equal(openFiles.mayRetry(noDescriptor), false);
});
