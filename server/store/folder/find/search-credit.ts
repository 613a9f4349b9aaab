/**
 * Limits how many frames a search may be ahead of its client. At the limit the thread waits, and its search is parked:
 * other searches get its turn until the client has taken a frame and the search gets a turn again.
 */
import type {Turn} from '../../../waiting/turn.ts';
import {notify, stateAt, waitsForCredit} from './find-messages.ts';
import type {ParkedSearch, ParkedSearches} from './parked-searches.ts';

/** How many frames a search may be ahead of its client. */
const framesAhead = 4;

type CreditOptions = {
  /** The numbers shared with the thread. */
  state: Int32Array;
  turn: Turn;
  parked: ParkedSearches;
  search: ParkedSearch;
};

export class SearchCredit implements Disposable {
  readonly #options: CreditOptions;
  /** How many frames the client has taken for which the thread has no credit yet. */
  #owed = 0;
  #hangs = false;

  constructor(options: CreditOptions) {
    this.#options = options;
    Atomics.store(options.state, stateAt.credit, framesAhead);
  }

  /** The client has taken a frame. */
  taken(): void {
    this.#owed++;
    this.#options.turn.request(() => this.#grant());
  }

  /** The thread reports that it waits for credit. */
  threadWaits(): void {
    const {parked, search, state, turn} = this.#options;
    // Meanwhile it may have got credit and be working again.
    if (waitsForCredit(state)) {
      turn.give();
      parked.add(search);
    }
  }

  /** A call of the thread hangs: other searches get its turn. */
  threadHangs(): void {
    this.#hangs = true;
    this.#options.turn.give();
  }

  /** The call has returned after all. */
  threadGoesOn(): void {
    this.#hangs = false;
    this.#options.turn.request(() => this.#grant());
  }

  [Symbol.dispose](): void {
    this.#options.parked.delete(this.#options.search);
  }

  #grant(): void {
    const {parked, search, state, turn} = this.#options;
    if (this.#hangs || (this.#owed === 0 && waitsForCredit(state))) {
      // The search waits for the disk or for its client, and needs no turn for that.
      turn.give();
      return;
    }

    parked.delete(search);
    notify(state, stateAt.credit, this.#owed);
    this.#owed = 0;
  }
}
