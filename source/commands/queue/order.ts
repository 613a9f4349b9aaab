/**
 * `queue pause`, `resume`, `retry`, `clear` and `priority`: they say in the database what is to become of
 * transfers. A client that works on one of them hears of it within about a second.
 */
import type {QueueStore} from '../../transfers/database/queue-store.ts';
import type {StoredState} from '../../transfers/database/stored-transfer.ts';
import {type ExitStatus, exitStatus} from '../exit-status.ts';
import {count} from '../format.ts';
import type {Job} from '../job.ts';
import {parseIds} from './ids.ts';
import {inStore} from './in-store.ts';
import {chosenServer} from './server-name.ts';

export type Order = {
  /** In which states a transfer can be told so. */
  from: readonly StoredState[];
  /** Tell those of the transfers that are in such a state. @returns which. */
  give(store: QueueStore, ids: readonly number[]): number[];
  /** Whether a transfer in that state is as it should be already. */
  isSo(state: StoredState | undefined): boolean;
  /** What has been done to it, and what else would have to be: `paused`. */
  done: string;
  /** What is said when it has been done. Default: how many are `done`. */
  say?(ids: readonly number[]): string;
};

/** The order to be in the state `to`. */
export function stateOrder(
  to: Exclude<StoredState, 'running'>,
  from: readonly StoredState[],
  done: string,
): Order {
  return {
    from,
    give: (store, ids) => store.order(ids, to, from),
    isSo: state => state === to,
    done,
  };
}

export function queuePause(job: Job): Promise<ExitStatus> {
  return order(job, 'all', stateOrder('paused', ['queued', 'running'], 'paused'));
}

export function queueResume(job: Job): Promise<ExitStatus> {
  return order(job, 'all', stateOrder('queued', ['paused'], 'resumed'));
}

export function queueRetry(job: Job): Promise<ExitStatus> {
  const {inputs} = job;
  const from: StoredState[] = inputs[0] === 'failed' ? ['failed'] : ['failed', 'canceled'];
  return order(job, 'failed', stateOrder('queued', from, 'queued again'));
}

export function queueClear(job: Job): Promise<ExitStatus> {
  const clear = stateOrder('removed', ['done', 'canceled'], 'cleared');
  return order({...job, inputs: ['all']}, 'all', clear);
}

/** @param everything the word that stands for all transfers which can be told so. */
export async function order(job: Job, everything: string, what: Order): Promise<ExitStatus> {
  const {inputs, options} = job;
  const server = chosenServer(options);
  const all = inputs.length === 1 && inputs[0] === everything;
  const ids = all ? [] : parseIds(inputs);
  return inStore(job, async store => {
    const {obeyed, status} = all
      ? {
          obeyed: what.give(store, store.idsIn(what.from, server)),
          status: 0 as const,
        }
      : orderEach(store, ids, what, job, server);
    await say(job, obeyed, what);
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
  const obeyed = what.give(store, known);
  let status: ExitStatus = exitStatus.done;
  for (const id of ids.filter(id => !obeyed.includes(id))) {
    const state = known.includes(id) ? store.read([id])[0]?.state : undefined;
    if (!what.isSo(state)) {
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

async function say({options, output}: Job, ids: readonly number[], what: Order): Promise<void> {
  const said = what.say?.(ids) ?? `${count(ids.length, 'transfer')} ${what.done}`;
  await output.result(options.json ? `${JSON.stringify({ids})}\n` : `${said}\n`);
}
