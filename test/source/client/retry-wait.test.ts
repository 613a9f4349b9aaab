import assert from 'node:assert/strict';
import {getEventListeners} from 'node:events';
import {test} from 'node:test';
import {isJangadaError} from '../../../protocol/errors.ts';
import {RetryWait} from '../../../source/client/retry-wait.ts';

const hourMs = 3_600_000;

test('the wait for the next attempt continues when one caller gives up, and ends with the last caller', async () => {
  const ends: boolean[] = [];
  const wait = new RetryWait(hourMs, elapsed => ends.push(elapsed));
  const [first, last] = [new AbortController(), new AbortController()];
  const isAborted = (error: unknown) => isJangadaError(error, 'aborted');
  const firstIsGone = assert.rejects(wait.join(first.signal), isAborted);
  const lastIsGone = assert.rejects(wait.join(last.signal), isAborted);
  first.abort();
  await firstIsGone;
  assert.deepEqual(ends, []);
  last.abort();
  await lastIsGone;
  assert.deepEqual(ends, [false]);
});

test('a wait whose time passes lets all callers go on, and tells its end once', async t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const ends: boolean[] = [];
  const wait = new RetryWait(1000, elapsed => ends.push(elapsed));
  const {signal} = new AbortController();
  const callers = [wait.join(signal), wait.join(signal)];
  t.mock.timers.tick(999);
  assert.deepEqual(ends, []);
  t.mock.timers.tick(1);
  await Promise.all(callers);
  wait.end();
  assert.deepEqual(ends, [true]);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('a wait that is ended early lets its callers go on, and its time does not pass any more', async t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const ends: boolean[] = [];
  const wait = new RetryWait(1000, elapsed => ends.push(elapsed));
  const caller = wait.join(new AbortController().signal);
  wait.end();
  await caller;
  t.mock.timers.tick(5000);
  assert.deepEqual(ends, [false]);
});

test('a caller that is stopped already does not wait', async () => {
  const ends: boolean[] = [];
  const wait = new RetryWait(hourMs, elapsed => ends.push(elapsed));
  await assert.rejects(wait.join(AbortSignal.abort()), {code: 'aborted'});
  assert.deepEqual(ends, [false]);
});
