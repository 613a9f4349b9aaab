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
