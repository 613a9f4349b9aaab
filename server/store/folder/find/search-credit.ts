/**
 * How far a search may be ahead of its client. A thread that is so far ahead waits, and its search is
 * parked: others have its turn until the client has taken a frame and the turn has come again.
 */
import type {Turn} from '../../../waiting/turn.ts';
import {notify, stateAt, waitsForCredit} from './find-messages.ts';
import type {ParkedSearch, ParkedSearches} from './parked-searches.ts';

/** Frames that a search may be ahead of its client. */
const framesAhead = 4;

type CreditOptions = {
  /** The numbers that are shared with the thread. */
  state: Int32Array;
  turn: Turn;
  parked: ParkedSearches;
  search: ParkedSearch;
};

export class SearchCredit implements Disposable {
  readonly #options: CreditOptions;
  /** Frames that the client has taken, and for which the thread has no credit yet. */
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

  /** The thread has said that it waits for credit. */
  threadWaits(): void {
    const {parked, search, state, turn} = this.#options;
    // It may have got some since it said so, and may be working again.
    if (waitsForCredit(state)) {
      turn.give();
      parked.add(search);
    }
  }

  /** The thread is in a call that hangs: others have its turn. */
  threadHangs(): void {
    this.#hangs = true;
    this.#options.turn.give();
  }

  /** The call has come back after all. */
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
      // It waits for the disk or for its client, and needs no turn for that.
      turn.give();
      return;
    }

    parked.delete(search);
    notify(state, stateAt.credit, this.#owed);
    this.#owed = 0;
  }
}
