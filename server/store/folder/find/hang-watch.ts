/** Watches a search from another thread: detects a file system call that does not return. */
import {stateAt} from './find-messages.ts';

/** A call takes milliseconds; one that takes so long hangs, for example on a mount whose server is gone. */
const silentMs = 2000;
const looksPerHang = 8;

type HangEvents = {
  onHang: () => void;
  onGoOn: () => void;
};

export class HangWatch {
  readonly #state: Int32Array;
  readonly #events: HangEvents;
  readonly #timer: NodeJS.Timeout;
  #reads = 0;
  #looks = 0;
  #hangs = false;

  /** `onHang` is called when one call lasts for two seconds, `onGoOn` when that call returns after all. */
  constructor(state: Int32Array, events: HangEvents) {
    this.#state = state;
    this.#events = events;
    this.#timer = setInterval(() => this.#look(), silentMs / looksPerHang);
  }

  get hangs(): boolean {
    return this.#hangs;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const reads = Atomics.load(this.#state, stateAt.reads);
    // Before its first call, the thread is still starting.
    const inSameCall =
      reads > 0 && reads === this.#reads && Atomics.load(this.#state, stateAt.reading) === 1;
    this.#reads = reads;
    // Count checks, not milliseconds: this thread may have been busy itself.
    this.#looks = inSameCall ? this.#looks + 1 : 0;
    if (this.#hangs && !inSameCall) {
      this.#hangs = false;
      this.#events.onGoOn();
    } else if (!this.#hangs && this.#looks >= looksPerHang) {
      this.#hangs = true;
      this.#events.onHang();
    }
  }
}
