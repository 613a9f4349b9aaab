import type {Turns} from './long-work.ts';

/**
 * One turn in a queue. The holder gives it back while its work waits for something else, and takes it again to go on.
 */
export class Turn implements Disposable {
  readonly #queue: Turns;
  readonly #key: string;
  readonly #signal: AbortSignal;
  readonly #end = new AbortController();
  #leave: (() => void) | undefined;
  #requested = false;

  /** `key` and `signal` are those of `FairQueue.enter`. */
  constructor(queue: Turns, key: string, signal: AbortSignal) {
    this.#queue = queue;
    this.#key = key;
    this.#signal = AbortSignal.any([signal, this.#end.signal]);
  }

  get held(): boolean {
    return this.#leave !== undefined;
  }

  /**
   * Wait for the turn.
   *
   * @throws JangadaError `aborted` if the signal is aborted or the turn ends first.
   */
  async take(): Promise<void> {
    this.#leave = await this.#queue.enter(this.#key, this.#signal);
    if (this.#end.signal.aborted) {
      this.give();
    }
  }

  /** Call `then` once the turn is held; never if the signal is aborted or the turn ends first. */
  request(then: () => void): void {
    if (this.held) {
      then();
    } else if (!this.#requested) {
      this.#requested = true;
      void this.#takeLater(then);
    }
  }

  /** Give the turn to others. */
  give(): void {
    this.#leave?.();
    this.#leave = undefined;
  }

  /** End the turn. */
  [Symbol.dispose](): void {
    this.#end.abort();
    this.give();
  }

  async #takeLater(then: () => void): Promise<void> {
    try {
      await this.take();
    } catch (error) {
      if (!this.#signal.aborted) {
        throw error;
      }
    } finally {
      this.#requested = false;
    }

    if (this.held) {
      then();
    }
  }
}
