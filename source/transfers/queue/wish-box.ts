/** The wishes of companions and commands, which the worker of a queue reads from the database. */
import type {QueueStore} from '../database/queue-store.ts';
import type {StoredWish} from '../database/wishes.ts';
import type {Wish, WishAnswer} from '../terms/wish.ts';
import type {Journal} from './journal.ts';
import type {Rows} from './rows/rows.ts';

type WishBoxTools = {rows: Rows; store: QueueStore; server: string; journal: Journal};

export class WishBox {
  readonly #tools: WishBoxTools;
  readonly #carryOut: (wish: Wish) => WishAnswer;
  /** Wishes to cancel whose partials were not deleted yet. */
  #deleting: Array<{wishId: number; ids: readonly number[]}> = [];

  /** @param carryOut carries out a wish, given with the ids of rows here. */
  constructor(tools: WishBoxTools, carryOut: (wish: Wish) => WishAnswer) {
    this.#tools = tools;
    this.#carryOut = carryOut;
  }

  /** Carry out the wishes written since the last call, and write their answers to the database. */
  carryOut(): void {
    const {journal} = this.#tools;
    const wishes = this.#open().filter(
      ({id}) => !journal.hasCarriedOut(id) && !this.#deleting.some(({wishId}) => wishId === id),
    );
    for (const {id, wish} of wishes) {
      const answer = this.#carryOut(withIds(wish, id => journal.ownId(id)));
      if (wish.do === 'cancel' && wish.deletePartial) {
        this.#deleting.push({wishId: id, ids: answer.ids});
      } else {
        this.#answer(id, answer);
      }
    }

    this.answerDeleting();
    if (wishes.length > 0) {
      journal.write();
    }
  }

  /** Answer those wishes to cancel whose partials were all deleted, or cannot be. */
  answerDeleting(): void {
    const {rows, journal} = this.#tools;
    const isOpen = (id: number) => {
      const state = rows.get(id)?.state;
      return state?.name === 'canceled' && state.deletePartial === true;
    };
    const over = this.#deleting.filter(({ids}) => !ids.some(isOpen));
    for (const {wishId, ids} of over) {
      const kept = ids.flatMap(id => {
        const state = rows.get(id)?.state;
        return state?.name === 'failed' ? [{id: journal.storedId(id), reason: state.reason}] : [];
      });
      this.#answer(wishId, {ids: [...ids], kept});
    }

    if (over.length > 0) {
      this.#deleting = this.#deleting.filter(one => !over.includes(one));
      journal.write();
    }
  }

  #open(): StoredWish[] {
    const {store, server} = this.#tools;
    try {
      return store.wishes.open(server);
    } catch {
      // The wishes stay in the database, and are read next time.
      return [];
    }
  }

  #answer(wishId: number, answer: WishAnswer): void {
    const {journal} = this.#tools;
    journal.carriedOut(wishId, {...answer, ids: answer.ids.map(id => journal.storedId(id))});
  }
}

/** The same wish with the ids translated by `idOf`. */
function withIds(wish: Wish, idOf: (id: number) => number): Wish {
  if (wish.do === 'move') {
    return {...wish, id: idOf(wish.id)};
  }

  return Array.isArray(wish.which) ? {...wish, which: wish.which.map(idOf)} : wish;
}
