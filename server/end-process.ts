import process from 'node:process';
import type {Logger} from 'pino';
import {hangingThreads} from './waiting/end-threads.ts';

/**
 * End this process after everything is closed.
 *
 * @param kill ends the process where Node cannot exit, because Node waits for threads whose disk calls hang.
 */
export function endProcess(
  logger: Logger,
  kill: () => void = () => process.kill(process.pid, 'SIGKILL'),
): void {
  const threads = hangingThreads();
  if (threads === 0) {
    process.exit(0);
  }

  logger.warn({threads}, 'disk calls hang: the process ends without them');
  kill();
}
