/** Has a wish about transfers carried out, by whichever process can. */
import {pause} from '../../client/back-off.ts';
import type {Wish, WishAnswer} from '../terms/wish.ts';
import type {QueueStore} from './queue-store.ts';

export type SteerOptions = {
  signal: AbortSignal;
  /** Called with the answer if it is carried out here, while no other process can work on the queue. */
  here?: (answer: WishAnswer) => Promise<WishAnswer>;
  /** How long the worker is given to answer. Default: 10 s. */
  waitMs?: number;
};

const lookEveryMs = 20;

/**
 * Do to transfers of `server` as `wish` says: the process that works on the queue does, or this one
 * if none does. A wish that the worker does not answer in time stays written: it is carried out as
 * soon as that process goes on, or another one takes over.
 *
 * @returns the answer; undefined if there was none in time.
 * @throws JangadaError `aborted`; what SQLite throws when the database cannot be read or written.
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
    // The worker may have ended without carrying it out.
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

/** Verified bytes of transfers whose partials `wish` may delete, by their ids. */
function partialsOf(store: QueueStore, server: string, wish: Wish): ReadonlyMap<number, number> {
  const rows =
    wish.do === 'cancel' && wish.deletePartial && Array.isArray(wish.which)
      ? store.read(wish.which, server)
      : [];
  return new Map(rows.map(({id, verifiedBytes}) => [id, verifiedBytes]));
}

/** Let full screens take it back. */
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
