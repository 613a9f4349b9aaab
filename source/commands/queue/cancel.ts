/** `queue cancel ID...`: stop transfers for good, with --delete-partial also what has been fetched. */
import {displayName} from '../../../protocol/display-text.ts';
import {isJangadaError} from '../../../protocol/errors.ts';
import type {QueueStore} from '../../transfers/database/queue-store.ts';
import {type ExitStatus, exitStatus} from '../exit-status.ts';
import {count} from '../format.ts';
import type {Job} from '../job.ts';
import {deleteStoredPartial} from './delete-partial.ts';
import {parseIds} from './ids.ts';
import {inStore} from './in-store.ts';
import {orderEach, stateOrder} from './order.ts';

/** How long clients that work on them have to let go of partials. */
const letGoMs = 10_000;

const cancel = stateOrder('canceled', ['queued', 'running', 'paused', 'failed'], 'canceled');

export async function queueCancel(job: Job): Promise<ExitStatus> {
  const {inputs, options, output} = job;
  const ids = parseIds(inputs);
  return inStore(job, async store => {
    const {obeyed, status} = orderEach(store, ids, cancel, job);
    const kept = options.deletePartial ? await deletePartials(store, ids, job) : 0;
    await output.result(
      options.json
        ? `${JSON.stringify({ids: obeyed})}\n`
        : `${count(obeyed.length, 'transfer')} canceled\n`,
    );
    return kept > 0 ? exitStatus.failed : status;
  });
}

/** @returns how many partials could not be deleted, each named. */
async function deletePartials(
  store: QueueStore,
  ids: readonly number[],
  {output, signal}: Job,
): Promise<number> {
  const untilMs = performance.now() + letGoMs;
  let kept = 0;
  for (const stored of store.read(ids).filter(({state}) => state === 'canceled')) {
    try {
      await deleteStoredPartial(store, stored, {untilMs, signal});
    } catch (error) {
      if (!isJangadaError(error) || error.code === 'aborted') {
        throw error;
      }

      kept++;
      output.error(
        `Transfer ${stored.id} is canceled, its partial stays: ${displayName(error.message)}`,
      );
    }
  }

  return kept;
}
