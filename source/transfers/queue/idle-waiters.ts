import {aborted, throwIfAborted} from '../../../protocol/errors.ts';

/** Callers that wait until a queue has nothing to do. */
export class IdleWaiters {
  readonly #waiters = new Set<() => void>();

  get isEmpty(): boolean {
    return this.#waiters.size === 0;
  }

  /** Resolves at the next call of `tell`. @throws JangadaError `aborted`. */
  async wait(signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const {promise, resolve, reject} = Promise.withResolvers<void>();
    const onAbort = () => reject(aborted(undefined, {cause: signal?.reason}));
    this.#waiters.add(resolve);
    signal?.addEventListener('abort', onAbort, {once: true});
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#waiters.delete(resolve);
    }
  }

  tell(): void {
    for (const resolve of this.#waiters) {
      resolve();
    }

    this.#waiters.clear();
  }
}
