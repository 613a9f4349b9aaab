/** How many blocks one server compresses at once, each on a thread and with some megabytes of memory. */
import {availableParallelism} from 'node:os';
import {FairQueue} from '../waiting/fair-queue.ts';

/** Threads of Node's own do other things, too: of its four some have to be free. */
const mostAtOnce = 2;
/** Blocks that wait for each of these places; any more go as they are, which costs no time of a processor. */
const waitingForEach = 4;

export class CompressionPlaces {
  readonly #places: number;
  readonly #queue: FairQueue;
  readonly #mostWaiting: number;
  /** Blocks that are being compressed or wait. */
  #taken = 0;
  /** Blocks of each key that wait; no entry: none. */
  readonly #waiting = new Map<string, number>();

  /** @param processes those of the server: each has its part of the places. */
  constructor(processes = 1) {
    const inAll = Math.min(mostAtOnce, availableParallelism());
    this.#places = Math.max(1, Math.floor(inAll / processes));
    this.#queue = new FairQueue({total: this.#places, perKey: this.#places});
    this.#mostWaiting = this.#places * waitingForEach;
  }

  /**
   * Wait for a place, clients in turn. The function that is given gives it back.
   *
   * @param key the client's address: one leaves half of the places to wait in to others.
   * @returns undefined, and at once, if too many wait already.
   * @throws JangadaError `aborted` if `signal` is aborted first.
   */
  async enter(key: string, signal: AbortSignal): Promise<(() => void) | undefined> {
    const waits = this.#taken >= this.#places;
    const isFull =
      this.#taken >= this.#places + this.#mostWaiting ||
      (waits && this.#waitingOf(key) >= this.#mostWaiting / 2);
    if (isFull) {
      return undefined;
    }

    this.#taken++;
    this.#countWaiting(key, waits ? 1 : 0);
    try {
      const leave = await this.#queue.enter(key, signal);
      return () => {
        this.#taken--;
        leave();
      };
    } catch (error) {
      this.#taken--;
      throw error;
    } finally {
      this.#countWaiting(key, waits ? -1 : 0);
    }
  }

  #waitingOf(key: string): number {
    return this.#waiting.get(key) ?? 0;
  }

  #countWaiting(key: string, change: number): void {
    const count = this.#waitingOf(key) + change;
    if (count === 0) {
      this.#waiting.delete(key);
    } else {
      this.#waiting.set(key, count);
    }
  }
}
