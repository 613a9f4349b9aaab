/**
 * `queue pause`, `resume`, `retry` and `clear`: they say in the database what is to become of
 * transfers. A client that works on one of them hears of it within about a second.
 */
import type {QueueStore} from '../../transfers/queue-store.ts';
import type {StoredState} from '../../transfers/stored-transfer.ts';
import {type ExitStatus, exitStatus} from '../exit-status.ts';
import {count} from '../format.ts';
import type {Job} from '../job.ts';
import {parseIds} from './ids.ts';
import {inStore} from './in-store.ts';
import {chosenServer} from './server-name.ts';

export type Order = {
  /** What becomes of a transfer. */
  to: Exclude<StoredState, 'running'>;
  /** In which states it can be told so. */
  from: readonly StoredState[];
  /** What has been done to it, and what else would have to be: `paused`. */
  done: string;
};

export function queuePause(job: Job): Promise<ExitStatus> {
  return order(job, 'all', {to: 'paused', from: ['queued', 'running'], done: 'paused'});
}

export function queueResume(job: Job): Promise<ExitStatus> {
  return order(job, 'all', {to: 'queued', from: ['paused'], done: 'resumed'});
}

export function queueRetry(job: Job): Promise<ExitStatus> {
  const {inputs} = job;
  const from: StoredState[] = inputs[0] === 'failed' ? ['failed'] : ['failed', 'canceled'];
  return order(job, 'failed', {to: 'queued', from, done: 'queued again'});
}

export function queueClear(job: Job): Promise<ExitStatus> {
  const clear: Order = {to: 'removed', from: ['done', 'canceled'], done: 'cleared'};
  return order({...job, inputs: ['all']}, 'all', clear);
}

/** @param everything the word that stands for all transfers which can be told so. */
async function order(job: Job, everything: string, what: Order): Promise<ExitStatus> {
  const {inputs, options} = job;
  const server = chosenServer(options);
  const all = inputs.length === 1 && inputs[0] === everything;
  const ids = all ? [] : parseIds(inputs);
  return inStore(job, async store => {
    const {obeyed, status} = all
      ? {
          obeyed: store.order(store.idsIn(what.from, server), what.to, what.from),
          status: 0 as const,
        }
      : orderEach(store, ids, what, job, server);
    await say(job, obeyed, what.done);
    return status;
  });
}

/** Tell each of `ids`; which it cannot be told is named, unless it is so already. */
export function orderEach(
  store: QueueStore,
  ids: readonly number[],
  what: Order,
  {output}: Job,
  server?: string,
): {obeyed: number[]; status: ExitStatus} {
  const known = store.read(ids, server).map(({id}) => id);
  const obeyed = store.order(known, what.to, what.from);
  let status: ExitStatus = exitStatus.done;
  for (const id of ids.filter(id => !obeyed.includes(id))) {
    const state = known.includes(id) ? store.read([id])[0]?.state : undefined;
    if (state !== what.to) {
      status = exitStatus.failed;
      output.error(
        state === undefined
          ? `There is no transfer ${id} in the queue. jangada queue list shows what there is`
          : `Transfer ${id} is ${state}, and cannot be ${what.done}`,
      );
    }
  }

  return {obeyed, status};
}

async function say({options, output}: Job, ids: readonly number[], done: string): Promise<void> {
  await output.result(
    options.json ? `${JSON.stringify({ids})}\n` : `${count(ids.length, 'transfer')} ${done}\n`,
  );
}
