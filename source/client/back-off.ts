/**
 * Waiting before another attempt: longer each time, with jitter so that many clients do not come
 * back at once.
 */
import {setTimeout as delay} from 'node:timers/promises';
import {aborted} from '../../protocol/errors.ts';

type BackOffOptions = {
  /** The shortest wait. Default: 500 ms. */
  firstMs?: number;
  /** The longest. Default: 30 s. */
  maxMs?: number;
  random?: () => number;
};

/** Milliseconds to wait before attempt `attempt` (0: the first one after a failure). */
export function backOffMs(attempt: number, options: BackOffOptions = {}): number {
  const {firstMs = 500, maxMs = 30_000, random = Math.random} = options;
  const full = Math.min(maxMs, 2 * firstMs * 2 ** Math.min(attempt, 30));
  // Between half of it and all of it.
  return full * (0.5 + random() / 2);
}

/** Wait so many milliseconds. @throws JangadaError `aborted` as soon as `signal` is. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(milliseconds, undefined, {signal}).catch(() => {
    throw aborted();
  });
}
