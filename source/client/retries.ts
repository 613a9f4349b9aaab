/** The attempts of one call: after a lost connection another attempt follows, with a pause in between. */
import {isTransient} from '../../protocol/errors.ts';
import {GoodByes} from './connection/server-leaving.ts';
import type {Pool} from './pool.ts';

export class Retries {
  readonly #pool: Pool;
  readonly #signal: AbortSignal | undefined;
  readonly #goodByes = new GoodByes();
  #attempt = 0;

  /** @param signal ends a pause with `aborted`. */
  constructor(pool: Pool, signal: AbortSignal | undefined) {
    this.#pool = pool;
    this.#signal = signal;
  }

  /** The last attempt gained something: the count starts again. */
  progressed(): void {
    this.#attempt = 0;
    this.#goodByes.startAnew();
  }

  /**
   * An attempt has failed with `error`: wait until the next one.
   *
   * @throws `error` if it is not transient, or if as many attempts as the pool allows have failed.
   */
  async after(error: unknown): Promise<void> {
    if (this.#goodByes.costsNothing(error) && !this.#signal?.aborted) {
      return;
    }

    // One attempt more than the user allows: an idle connection may have been dead for long.
    if (!isTransient(error) || this.#attempt > this.#pool.retries || this.#signal?.aborted) {
      throw error;
    }

    if (this.#attempt > 0) {
      await this.#pool.backOff(this.#attempt - 1, this.#signal);
    }

    this.#attempt++;
  }
}
