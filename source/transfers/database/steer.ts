/** Has a wish about transfers carried out by the worker or, without one, by this process. */
import {pause} from '../../client/back-off.ts';
import type {Wish, WishAnswer} from '../terms/wish.ts';
import type {QueueStore} from './queue-store.ts';

export type SteerOptions = {
  signal: AbortSignal;
  /** Called with the answer if this process carries the wish out, while no other process can work on the queue. */
  here?: (answer: WishAnswer) => Promise<WishAnswer>;
  /** How long to wait for the worker's answer. Default: 10 s. */
  waitMs?: number;
};

const lookEveryMs = 20;

/**
 * Change transfers of `server` as `wish` says. The process that works on the queue does it, or this one if there is
 * none. A wish that the worker does not answer in time stays in the database: it is carried out as soon as that process
 * continues or another one takes over.
 *
 * @returns the answer; undefined if there was none in time.
 * @throws JangadaError `aborted`; the error of SQLite if the database cannot be read or written.
 */
export async function steer(
  store: QueueStore,
  server: string,
  wish: Wish,
  {signal, here = async answer => answer, waitMs = 10_000}: SteerOptions,
): Promise<WishAnswer | undefined> {
  using lease = store.lease(server);
  const before = partialsOf(store, server, wish);
  let wishId: number | undefined;
  const untilMs = performance.now() + waitMs;
  for (;;) {
    // The worker may have ended without carrying the wish out.
    if (lease.take()) {
      const answer = store.orders.carryOutInTurn(server, wish, wishId);
      remember(store, server, wish, answer, before);
      return await here(answer);
    }

    wishId ??= store.wishes.make(server, wish);
    const answer = store.wishes.answerOf(wishId);
    if (answer !== undefined) {
      store.wishes.forget(wishId);
      remember(store, server, wish, answer, before);
      return answer;
    }

    if (performance.now() > untilMs) {
      return undefined;
    }

    await pause(lookEveryMs, signal);
  }
}

/** Verified bytes of the transfers whose partials `wish` may delete, by transfer id. */
function partialsOf(store: QueueStore, server: string, wish: Wish): ReadonlyMap<number, number> {
  const rows =
    wish.do === 'cancel' && wish.deletePartial && Array.isArray(wish.which)
      ? store.read(wish.which, server)
      : [];
  return new Map(rows.map(({id, verifiedBytes}) => [id, verifiedBytes]));
}

/** Record the step, so that full screens can undo it. */
function remember(
  store: QueueStore,
  server: string,
  wish: Wish,
  {ids}: WishAnswer,
  before: ReadonlyMap<number, number>,
): void {
  if ((wish.do === 'clear' || wish.do === 'cancel') && ids.length > 0) {
    const deletedBytes = ids.reduce((bytes, id) => bytes + (before.get(id) ?? 0), 0);
    store.undoSteps.add(server, {did: wish.do, ids, deletedBytes});
  }
}
