import process from 'node:process';
import type {Logger} from 'pino';
import {hangingThreads} from './waiting/end-threads.ts';

/**
 * End this process in good order, once all is closed.
 *
 * @param kill how to end where Node cannot exit: it waits for threads whose calls to the disk hang.
 */
export function endProcess(
  logger: Logger,
  kill: () => void = () => process.kill(process.pid, 'SIGKILL'),
): void {
  const threads = hangingThreads();
  if (threads === 0) {
    process.exit(0);
  }

  logger.warn({threads}, 'calls to the disk hang: ended without them');
  kill();
}
