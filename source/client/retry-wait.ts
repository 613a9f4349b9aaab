/**
 * The wait before the next attempt at a server that is gone. All callers that need a connection share it, so that they
 * try together and the interface can show one time. It ends when the last caller stops waiting.
 */
import {aborted} from '../../protocol/errors.ts';

export class RetryWait {
  readonly #ended = Promise.withResolvers<void>();
  readonly #timer: NodeJS.Timeout;
  readonly #onEnd: (elapsed: boolean) => void;
  #waiters = 0;
  #isOver = false;

  /** @param onEnd called once at the end; `elapsed` tells whether the time has passed. */
  constructor(milliseconds: number, onEnd: (elapsed: boolean) => void) {
    this.#onEnd = onEnd;
    this.#timer = setTimeout(() => this.#end(true), milliseconds);
  }

  /** Resolves when the wait ends. @throws JangadaError `aborted`. */
  async join(signal: AbortSignal): Promise<void> {
    const stopped = Promise.withResolvers<void>();
    const onAbort = () => stopped.resolve();
    signal.addEventListener('abort', onAbort, {once: true});
    if (signal.aborted) {
      onAbort();
    }

    this.#waiters++;
    try {
      await Promise.race([this.#ended.promise, stopped.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#waiters--;
      if (this.#waiters === 0) {
        this.end();
      }
    }

    if (signal.aborted) {
      throw aborted();
    }
  }

  /** End the wait early. */
  end(): void {
    this.#end(false);
  }

  #end(elapsed: boolean): void {
    if (!this.#isOver) {
      this.#isOver = true;
      clearTimeout(this.#timer);
      this.#onEnd(elapsed);
      this.#ended.resolve();
    }
  }
}
