import {setTimeout as sleep} from 'node:timers/promises';
import {aborted, throwIfAborted} from '../../../../protocol/errors.ts';
import {isPassing} from './s3-errors.ts';

/** How long a service is waited for, in milliseconds. */
export type Patience = {
  /** Without a byte, before an attempt is given up; less for one that begins late. */
  silenceMs: number;
  /** From the first attempt, or the last byte that has come, to the end of the last pause, and of most attempts. */
  retryMs: number;
  /** Before the second attempt; twice as much before each further one. */
  pauseMs: number;
};

/**
 * A request takes 6.5 s at most without a byte. So two of them, one after the other, take less than the 14 s after which
 * a client takes a silent server for lost.
 */
export const standardPatience: Patience = {silenceMs: 5000, retryMs: 5500, pauseMs: 100};

/** The part of the usual silence that every attempt may take, so that the last one may succeed. */
const leastShare = 0.2;

/**
 * Do `work`, again after a pause where that may help.
 *
 * @param work is told after how many milliseconds without a byte it has to fail.
 * @param options.done tells how far the work is; what gets on has all the patience again.
 * @throws the error of the last attempt; JangadaError `aborted`.
 */
export async function retry<Result>(
  work: (silenceMs: number) => Promise<Result>,
  {silenceMs, retryMs, pauseMs}: Patience,
  {signal, done = () => 0}: {signal?: AbortSignal | undefined; done?: () => number},
): Promise<Result> {
  let untilMs = performance.now() + retryMs;
  let pause = pauseMs;
  for (;;) {
    const before = done();
    const leftMs = untilMs - performance.now();
    try {
      return await work(Math.max(silenceMs * leastShare, Math.min(silenceMs, leftMs)));
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
