/**
 * `queue pause`, `resume`, `retry`, `clear`, `priority` and `cancel`: wishes about transfers. The process that works on
 * a queue carries them out within half a second; without such a process this one does.
 */

import type {ErrorCode} from '../../../protocol/errors.ts';
import type {QueueStore} from '../../transfers/database/queue-store.ts';
import {type SteerOptions, steer} from '../../transfers/database/steer.ts';
import type {StoredState} from '../../transfers/database/stored-state.ts';
import {storedStateOf} from '../../transfers/database/stored-state.ts';
import type {Wish, WishAnswer} from '../../transfers/terms/wish.ts';
import {count} from '../format.ts';
import type {Job} from '../job.ts';
import {commonOutcome, type Outcome} from '../results/outcome.ts';
import {parseIds} from './ids.ts';
import {inStore} from './in-store.ts';
import {chosenServer} from './server-name.ts';

export type Order = {
  /** The wish about transfers; `all`: every transfer to which it can apply. */
  wish(which: 'all' | number[]): Wish;
  /** A transfer in this state needs no change. */
  already?: StoredState | undefined;
  /** The word for transfers that the wish has changed: `paused`. */
  done: string;
  /** The result line. Default: the number of transfers that are `done`. */
  say?: (ids: readonly number[]) => string;
};

export function queuePause(job: Job): Promise<Outcome> {
  const wish = (which: 'all' | number[]): Wish => ({do: 'pause', which});
  return order(job, 'all', {wish, already: 'paused', done: 'paused'});
}

export function queueResume(job: Job): Promise<Outcome> {
  const wish = (which: 'all' | number[]): Wish => ({do: 'resume', which});
  return order(job, 'all', {wish, already: 'queued', done: 'resumed'});
}

export function queueRetry(job: Job): Promise<Outcome> {
  const wish = (which: 'all' | number[]): Wish => ({
    do: 'retry',
    which: which === 'all' ? 'failed' : which,
  });
  return order(job, 'failed', {wish, already: 'queued', done: 'queued again'});
}

export function queueClear(job: Job): Promise<Outcome> {
  const wish = (which: 'all' | number[]): Wish => ({do: 'clear', which});
  return order({...job, inputs: ['all']}, 'all', {wish, done: 'cleared'});
}

/** @param everything the word that stands for all transfers to which the order can apply. */
export async function order(job: Job, everything: string, what: Order): Promise<Outcome> {
  const {inputs} = job;
  const all = inputs.length === 1 && inputs[0] === everything;
  const ids = all ? [] : parseIds(inputs);
  return inStore(job, async store => {
    const obeyed = all ? await orderAll(store, what, job) : await orderEach(store, ids, what, job);
    await say(job, obeyed, what);
    return commonOutcome(obeyed.codes);
  });
}

/** The outcome of an order. */
type Obeyed = {
  /** Transfers that the order has changed. */
  obeyed: number[];
  /** Partials that could not be deleted. */
  kept: NonNullable<WishAnswer['kept']>;
  /** Whether a process that works on a queue has not answered yet. */
  isPending: boolean;
  /** Why other transfers were not changed. */
  codes: readonly ErrorCode[];
};

/** Give the order to all transfers of every server, or of the named server. */
async function orderAll(store: QueueStore, what: Order, job: Job): Promise<Obeyed> {
  const chosen = chosenServer(job.options);
  const servers = chosen === undefined ? store.servers({settled: true}) : [chosen];
  const answers: Array<WishAnswer | undefined> = [];
  for (const server of servers) {
    answers.push(await tell(store, server, what.wish('all'), job));
  }

  return {...sumOf(answers), codes: []};
}

/**
 * Give the order to each of `ids`. An id to which the order cannot apply is named, unless its transfer needs no change.
 */
export async function orderEach(
  store: QueueStore,
  ids: readonly number[],
  what: Order,
  job: Job,
  here?: SteerOptions['here'],
): Promise<Obeyed> {
  const chosen = chosenServer(job.options);
  const known = store.read(ids, chosen).map(({id}) => id);
  const answers: Array<WishAnswer | undefined> = [];
  const left = new Set(ids);
  for (const [server, own] of store.byServer(known)) {
    const answer = await tell(store, server, what.wish(own), job, here);
    answers.push(answer);
    for (const id of answer?.ids ?? own) {
      left.delete(id);
    }
  }

  const codes = [...left].flatMap(id => refuse(store, id, known.includes(id), what, job) ?? []);
  return {...sumOf(answers), codes};
}

function sumOf(answers: ReadonlyArray<WishAnswer | undefined>): Omit<Obeyed, 'codes'> {
  return {
    obeyed: answers.flatMap(answer => answer?.ids ?? []),
    kept: answers.flatMap(answer => answer?.kept ?? []),
    isPending: answers.includes(undefined),
  };
}

/** The answer of the process that works on the queue, or of this one; undefined if it comes later. */
export async function tell(
  store: QueueStore,
  server: string,
  wish: Wish,
  {output, signal}: Job,
  here?: SteerOptions['here'],
): Promise<WishAnswer | undefined> {
  const answer = await steer(store, server, wish, {signal, ...(here === undefined ? {} : {here})});
  if (answer === undefined) {
    const {pid = 0} = store.workerOf(server) ?? {};
    output.notice(
      `jangada: process ${pid}, which works on the queue, does not answer. The request is saved: that process carries it out when it answers again`,
    );
  }

  return answer;
}

/** Say why a transfer was not changed. @returns the code of the reason; undefined if it needs no change. */
function refuse(
  store: QueueStore,
  id: number,
  isKnown: boolean,
  what: Order,
  {output}: Job,
): ErrorCode | undefined {
  const [stored] = isKnown ? store.read([id]) : [];
  if (stored === undefined) {
    output.error(`The queue has no transfer ${id}. Run jangada queue list to see the transfers`);
    return 'not_found';
  }

  const state = storedStateOf(stored.state);
  if (state === what.already) {
    return undefined;
  }

  output.error(`Transfer ${id} is ${state}, and cannot be ${what.done}`);
  return 'bad_request';
}

/** Print how many transfers were changed. A notice has told about those that will be changed later. */
export async function say(
  {output, json}: Job,
  {obeyed: ids, isPending}: Obeyed,
  what: Order,
): Promise<void> {
  const said = what.say?.(ids) ?? `${count(ids.length, 'transfer')} ${what.done}`;
  if (json !== undefined) {
    json.tell({ids, ...(isPending ? {pending: true} : {})});
  } else if (ids.length > 0 || !isPending) {
    await output.result(`${said}\n`);
  }
}
