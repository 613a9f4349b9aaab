/** Those who wait until a queue has nothing to do. */
export class IdleWaiters {
  readonly #waiters: Array<() => void> = [];

  get isEmpty(): boolean {
    return this.#waiters.length === 0;
  }

  /** Resolves with the next call of `tell`. */
  wait(): Promise<void> {
    const {promise, resolve} = Promise.withResolvers<void>();
    this.#waiters.push(resolve);
    return promise;
  }

  tell(): void {
    for (const resolve of this.#waiters.splice(0)) {
      resolve();
    }
  }
}
