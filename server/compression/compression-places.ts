/** How many blocks one server compresses at once, each on a thread and with some megabytes of memory. */
import {availableParallelism} from 'node:os';
import {FairQueue} from '../waiting/fair-queue.ts';

/** Threads of Node's own do other things, too: of its four some have to be free. */
const mostAtOnce = 2;
/** Blocks that wait for each of these places; any more go as they are, which costs no time of a processor. */
const waitingForEach = 4;

export class CompressionPlaces {
  readonly #places = Math.min(mostAtOnce, availableParallelism());
  readonly #queue = new FairQueue({total: this.#places, perKey: this.#places});
  #taken = 0;

  /**
   * Wait for a place, clients in turn. The function that is given gives it back.
   *
   * @param key the client's address.
   * @returns undefined, and at once, if too many wait already.
   * @throws JangadaError `aborted` if `signal` is aborted first.
   */
  async enter(key: string, signal: AbortSignal): Promise<(() => void) | undefined> {
    if (this.#taken >= this.#places * (1 + waitingForEach)) {
      return undefined;
    }

    this.#taken++;
    try {
      const leave = await this.#queue.enter(key, signal);
      return () => {
        this.#taken--;
        leave();
      };
    } catch (error) {
      this.#taken--;
      throw error;
    }
  }
}
