import {JangadaError} from '../../../protocol/errors.ts';
import {openQueueStore} from '../../transfers/database/open-queue-store.ts';
import type {QueueStore} from '../../transfers/database/queue-store.ts';
import type {Job} from '../job.ts';
import type {Outcome} from '../results/outcome.ts';

/**
 * Do `work` with this user's queue open.
 *
 * @throws JangadaError `local_io` if it cannot be opened, read or written; errors of `work`.
 */
export async function inStore(
  {output, environment}: Job,
  work: (store: QueueStore) => Promise<Outcome>,
): Promise<Outcome> {
  try {
    const {store: opened, notice} = openQueueStore(environment);
    if (opened === undefined) {
      // Without the beginning of the notice, which is for programs that can go on without the queue.
      const why = notice?.replace(/^[^:]*: /, '') ?? 'no folder for the queue is known';
      throw new JangadaError('local_io', `jangada cannot open the queue: ${why}`);
    }

    using store = opened;
    if (notice !== undefined) {
      output.notice(`jangada: ${notice}`);
    }

    return await work(store);
  } catch (error) {
    throw isDatabaseError(error)
      ? new JangadaError('local_io', `The queue cannot be used: ${error.message}. Try again`, {
          cause: error,
        })
      : error;
  }
}

/** Another client holds the database for too long, or the disk is full or failing. */
function isDatabaseError(error: unknown): error is Error {
  return error instanceof Error && 'errcode' in error;
}
