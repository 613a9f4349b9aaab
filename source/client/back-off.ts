/** The wait before another attempt: longer each time, with jitter so that many clients do not return at once. */
import {setTimeout as delay} from 'node:timers/promises';
import {aborted} from '../../protocol/errors.ts';

type BackOffOptions = {
  /** The shortest wait. Default: 500 ms. */
  firstMs?: number;
  /** The longest wait. Default: 30 s. */
  maxMs?: number;
  random?: () => number;
};

/** Milliseconds to wait before attempt `attempt` (0: the first attempt after a failure). */
export function backOffMs(attempt: number, options: BackOffOptions = {}): number {
  const {firstMs = 500, maxMs = 30_000, random = Math.random} = options;
  const full = Math.min(maxMs, 2 * firstMs * 2 ** Math.min(attempt, 30));
  // Jitter: between half of the wait and the whole wait.
  return full * (0.5 + random() / 2);
}

/** Wait `milliseconds`. @throws JangadaError `aborted` as soon as `signal` is aborted. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(milliseconds, undefined, {signal}).catch(() => {
    throw aborted();
  });
}
