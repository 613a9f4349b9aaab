import assert from 'node:assert/strict';
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
