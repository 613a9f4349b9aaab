/** `queue cancel ID...`: stop transfers for good, with --delete-partial also what has been fetched. */
import {displayName} from '../../../protocol/display-text.ts';
import {isJangadaError} from '../../../protocol/errors.ts';
import type {QueueStore} from '../../transfers/database/queue-store.ts';
import type {WishAnswer} from '../../transfers/terms/wish.ts';
import {type ExitStatus, exitStatus} from '../exit-status.ts';
import {count} from '../format.ts';
import type {Job} from '../job.ts';
import {deleteStoredPartial} from './delete-partial.ts';
import {parseIds} from './ids.ts';
import {inStore} from './in-store.ts';
import {orderEach} from './order.ts';

export async function queueCancel(job: Job): Promise<ExitStatus> {
  const {inputs, options, output} = job;
  const {deletePartial} = options;
  const ids = parseIds(inputs);
  return inStore(job, async store => {
    const {obeyed, isLate, kept, status} = await orderEach(
      store,
      ids,
      {
        wish: which => ({do: 'cancel', which, deletePartial}),
        already: 'canceled',
        done: 'canceled',
      },
      job,
      deletePartial ? answer => deletePartials(store, answer, job.signal) : undefined,
    );
    for (const {id, reason} of kept) {
      output.error(`Transfer ${id} is canceled, its partial stays: ${displayName(reason)}`);
    }

    if (!isLate || obeyed.length > 0 || options.json) {
      await output.result(
        options.json
          ? `${JSON.stringify({ids: obeyed})}\n`
          : `${count(obeyed.length, 'transfer')} canceled\n`,
      );
    }

    return kept.length > 0 ? exitStatus.failed : status;
  });
}

/** Delete the partials of transfers that no process works on. @returns the answer, with those that stay. */
async function deletePartials(
  store: QueueStore,
  {ids}: WishAnswer,
  signal: AbortSignal,
): Promise<WishAnswer> {
  const kept: NonNullable<WishAnswer['kept']> = [];
  for (const stored of store.read(ids)) {
    try {
      await deleteStoredPartial(store, stored, signal);
      store.orders.partialIsDealtWith(stored.id, true);
    } catch (error) {
      if (!isJangadaError(error) || error.code === 'aborted') {
        throw error;
      }

      store.orders.partialIsDealtWith(stored.id, false);
      kept.push({id: stored.id, reason: error.message});
    }
  }

  return {ids, kept};
}
