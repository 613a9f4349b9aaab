import {setTimeout as sleep} from 'node:timers/promises';
import {aborted, throwIfAborted} from '../../../../protocol/errors.ts';
import {isPassing} from './s3-errors.ts';

/** How long to wait for a service, in milliseconds. */
export type Patience = {
  /** Silence after which an attempt fails; shorter for an attempt that begins late. */
  silenceMs: number;
  /** Total time from the first attempt, or from the last progress, after which no new attempt begins. */
  retryMs: number;
  /** Pause before the second attempt; doubles before each further one. */
  pauseMs: number;
};

/**
 * A request without a byte takes at most 6.5 s. So two requests, one after the other, take less than the 14 s after which
 * a client gives up a silent server.
 */
export const standardPatience: Patience = {silenceMs: 5000, retryMs: 5500, pauseMs: 100};

/** The part of `silenceMs` that every attempt may take, so that the last one has a chance. */
const leastShare = 0.2;

/**
 * Do `work`; if another attempt may succeed, repeat it after a pause.
 *
 * @param work gets the milliseconds of silence after which it must fail.
 * @param options.done gives the progress of the work; after progress, the total time starts again.
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

      // At random, so that requests that failed together do not return at the same moment.
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
