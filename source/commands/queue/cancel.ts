/** `queue cancel ID...`: stops transfers for good; with --delete-partial it also deletes their partials. */
import {displayName} from '../../../protocol/display-text.ts';
import {isJangadaError} from '../../../protocol/errors.ts';
import type {QueueStore} from '../../transfers/database/queue-store.ts';
import type {WishAnswer} from '../../transfers/terms/wish.ts';
import type {Job} from '../job.ts';
import {commonOutcome, type Outcome} from '../results/outcome.ts';
import {deleteStoredPartial} from './delete-partial.ts';
import {parseIds} from './ids.ts';
import {inStore} from './in-store.ts';
import {type Order, orderEach, say} from './order.ts';

export async function queueCancel(job: Job): Promise<Outcome> {
  const {inputs, options, output} = job;
  const {deletePartial} = options;
  const ids = parseIds(inputs);
  return inStore(job, async store => {
    const cancel: Order = {
      wish: which => ({do: 'cancel', which, deletePartial}),
      already: 'canceled',
      done: 'canceled',
    };
    const obeyed = await orderEach(
      store,
      ids,
      cancel,
      job,
      deletePartial ? answer => deletePartials(store, answer, job.signal) : undefined,
    );
    const {kept, codes} = obeyed;
    for (const {id, reason} of kept) {
      output.error(
        `Transfer ${id} is canceled, but its partial was not deleted: ${displayName(reason)}`,
      );
    }

    await say(job, obeyed, cancel);
    return commonOutcome(kept.length > 0 ? [...codes, 'local_io'] : codes);
  });
}

/**
 * Delete the partials of transfers that no process works on.
 *
 * @returns the answer, with the partials that could not be deleted.
 */
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
