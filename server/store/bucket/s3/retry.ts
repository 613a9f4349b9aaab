import {setTimeout as sleep} from 'node:timers/promises';
import {aborted, throwIfAborted} from '../../../../protocol/errors.ts';
import {isPassing} from './s3-errors.ts';

/** How long a service is waited for, in milliseconds. */
export type Patience = {
  /** Without a byte, before a request is given up. */
  silenceMs: number;
  /** From the first attempt, or the last byte that has come, to the end of the last pause. */
  retryMs: number;
  /** Before the second attempt; twice as much before each further one. */
  pauseMs: number;
};

/** Together less than the 14 s after which a client takes a silent server for lost. */
export const standardPatience: Patience = {silenceMs: 5000, retryMs: 7000, pauseMs: 100};

/**
 * Do `work`, again after a pause where that may help.
 *
 * @param options.done tells how far the work is; what gets on has all the patience again.
 * @throws the error of the last attempt; JangadaError `aborted`.
 */
export async function retry<Result>(
  work: () => Promise<Result>,
  {retryMs, pauseMs}: Patience,
  {signal, done = () => 0}: {signal?: AbortSignal | undefined; done?: () => number},
): Promise<Result> {
  let untilMs = performance.now() + retryMs;
  let pause = pauseMs;
  for (;;) {
    const before = done();
    try {
      return await work();
    } catch (error) {
      throwIfAborted(signal);
      if (done() > before) {
        untilMs = performance.now() + retryMs;
        pause = pauseMs;
      }

      // Not all at the same moment, where many have failed together.
      const thisPause = pause * (0.5 + Math.random() / 2);
      pause *= 2;
      if (!isPassing(error) || performance.now() + thisPause > untilMs) {
        throw error;
      }

      await sleep(thisPause, undefined, {signal}).catch(() => {
        throw aborted();
      });
    }
  }
}
