/**
 * The end of threads. One in a call of the system that hangs cannot be ended: nothing waits for it for
 * long, but a process cannot exit in good order with it, because Node waits for all its threads.
 */
import type {Worker} from 'node:worker_threads';

/** A thread that can be ended takes milliseconds; on a machine that is busy some more. */
const patienceMs = 2000;

const hanging = new Set<Worker>();

/** End `threads`. Resolves when they have ended, but for those in a call that hangs for two seconds. */
export async function endThreads(threads: Iterable<Worker>): Promise<void> {
  const timeUp = Promise.withResolvers<void>();
  const timer = setTimeout(timeUp.resolve, patienceMs);
  const ended = [...threads].map(async thread => {
    hanging.add(thread);
    await thread.terminate();
    hanging.delete(thread);
  });
  await Promise.race([Promise.all(ended), timeUp.promise]);
  clearTimeout(timer);
}

/** Threads that were ended and are still there. */
export function hangingThreads(): number {
  return hanging.size;
}
