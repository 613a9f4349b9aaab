/** Limits how many blocks one server compresses at once. Each needs a thread and some megabytes of memory. */
import {availableParallelism} from 'node:os';
import {FairQueue} from '../waiting/fair-queue.ts';

/** Node's pool has four threads, and other work needs some of them. */
const mostAtOnce = 2;
/** How many blocks may wait for each place; the server sends further blocks uncompressed, which costs no processor time. */
const waitingForEach = 4;

export class CompressionPlaces {
  readonly #places: number;
  readonly #queue: FairQueue;
  readonly #mostWaiting: number;
  /** How many blocks are being compressed or wait. */
  #taken = 0;
  /** How many blocks of each key wait; no entry means none. */
  readonly #waiting = new Map<string, number>();

  /** @param processes the number of processes of the server, which share the places. */
  constructor(processes = 1) {
    const inAll = Math.min(mostAtOnce, availableParallelism());
    this.#places = Math.max(1, Math.floor(inAll / processes));
    this.#queue = new FairQueue({total: this.#places, perKey: this.#places});
    this.#mostWaiting = this.#places * waitingForEach;
  }

  /**
   * Wait for a place; clients take turns. Call the returned function to free the place.
   *
   * @param key the client's address: one address may take at most half of the waiting places.
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
