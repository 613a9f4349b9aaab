import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {retry, standardPatience} from '../../../../server/store/bucket/s3/retry.ts';
import {silentError} from '../../../../server/store/bucket/s3/s3-errors.ts';

/** A client leaves after this time of silence, in milliseconds. */
const clientMs = 14_000;

/** Milliseconds until `retry` gives up a service that takes a second for each of `busy` busy answers, then is silent. */
async function spentOn(busy: number, t: TestContext): Promise<number> {
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  let attempts = 0;
  const work = async (silenceMs: number) => {
    nowMs += attempts++ < busy ? 1000 : silenceMs;
    throw silentError(silenceMs);
  };
  await assert.rejects(retry(work, {...standardPatience, pauseMs: 0}, {}), {code: 'timed_out'});
  t.mock.restoreAll();
  return nowMs;
}

test('two requests to a silent service, one after the other, fail before a client gives up', async t => {
  for (let busy = 0; busy < 7; busy++) {
    const spent = await spentOn(busy, t);
    assert.ok(spent * 2 < clientMs, `${spent} ms after ${busy}`);
    assert.ok(spent >= standardPatience.silenceMs * 0.9, `${spent} ms after ${busy}`);
  }
});

test('work that makes progress gets the full patience again', async () => {
  const told: number[] = [];
  let done = 0;
  const work = async (silenceMs: number) => {
    told.push(silenceMs);
    if (done++ < 3) {
      throw silentError(silenceMs);
    }

    return 'all';
  };
  const patience = {silenceMs: 100, retryMs: 1000, pauseMs: 1};
  assert.equal(await retry(work, patience, {done: () => done}), 'all');
  assert.deepEqual(told, [100, 100, 100, 100]);
});

test('each pause is twice as long as the one before, until there is no time for another one', async t => {
  // Time stands still, so only the length of a pause ends the attempts: 1, 2, 4, 8, 16 and 32 ms, but not 64.
  t.mock.method(performance, 'now', () => 0);
  t.mock.method(Math, 'random', () => 1);
  let attempts = 0;
  const work = async () => {
    attempts++;
    throw silentError(1);
  };
  await assert.rejects(retry(work, {silenceMs: 1, retryMs: 63, pauseMs: 1}, {}), {
    code: 'timed_out',
  });
  assert.equal(attempts, 7);
});

test('after progress, pauses are short again', async t => {
  t.mock.method(performance, 'now', () => 0);
  t.mock.method(Math, 'random', () => 1);
  let attempts = 0;
  const work = async () => {
    attempts++;
    throw silentError(1);
  };
  const patience = {silenceMs: 1, retryMs: 7, pauseMs: 1};
  // Some bytes come with the third attempt: then again pauses of 1, 2 and 4 ms.
  const done = () => (attempts >= 3 ? 1 : 0);
  await assert.rejects(retry(work, patience, {done}), {code: 'timed_out'});
  assert.equal(attempts, 6);
});

test('who leaves in a pause does not wait for its end, and nothing is tried again for them', async () => {
  const leaver = new AbortController();
  let attempts = 0;
  const work = async () => {
    attempts++;
    setImmediate(() => leaver.abort());
    throw silentError(1);
  };
  const patience = {silenceMs: 1, retryMs: 3_600_000, pauseMs: 200};
  await assert.rejects(retry(work, patience, {signal: leaver.signal}), {code: 'aborted'});
  assert.equal(attempts, 1);
});

test('a fault that does not pass is told at once, also with time left', async () => {
  let attempts = 0;
  const work = async () => {
    attempts++;
    throw new RangeError('of the work');
  };
  await assert.rejects(retry(work, standardPatience, {}), RangeError);
  assert.equal(attempts, 1);
});
