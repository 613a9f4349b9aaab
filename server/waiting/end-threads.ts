/**
 * Ends threads. A thread whose system call hangs cannot be ended. The server does not wait for it for long, but the process
 * cannot exit normally, because Node waits for all its threads.
 */
import type {Worker} from 'node:worker_threads';

/** A thread normally ends within milliseconds; on a busy machine it takes longer. */
const patienceMs = 2000;

const hanging = new Set<Worker>();

/** End `threads`. Resolves when they have ended; waits at most two seconds for threads that hang. */
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

/** How many threads were told to end and still run. */
export function hangingThreads(): number {
  return hanging.size;
}
