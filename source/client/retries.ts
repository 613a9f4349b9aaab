/** The attempts of one call: another one follows where a connection was lost, with pauses in between. */
import {isTransient} from '../../protocol/errors.ts';
import {GoodByes} from './connection/server-leaving.ts';
import type {Pool} from './pool.ts';

export class Retries {
  readonly #pool: Pool;
  readonly #signal: AbortSignal | undefined;
  readonly #goodByes = new GoodByes();
  #attempt = 0;

  /** @param signal ends the pauses with `aborted`. */
  constructor(pool: Pool, signal: AbortSignal | undefined) {
    this.#pool = pool;
    this.#signal = signal;
  }

  /** The last attempt brought something: attempts are counted anew. */
  progressed(): void {
    this.#attempt = 0;
    this.#goodByes.startAnew();
  }

  /**
   * An attempt has failed: wait until the next one.
   *
   * @throws `error` if it is not transient, or as many attempts as the pool allows have failed.
   */
  async after(error: unknown): Promise<void> {
    if (this.#goodByes.costsNothing(error) && !this.#signal?.aborted) {
      return;
    }

    // One more than asked for: a connection that lay idle may have died long ago.
    if (!isTransient(error) || this.#attempt > this.#pool.retries || this.#signal?.aborted) {
      throw error;
    }

    if (this.#attempt > 0) {
      await this.#pool.backOff(this.#attempt - 1, this.#signal);
    }

    this.#attempt++;
  }
}
