/** Lets one waiter wait for an event, with a timeout. */
export class Bell {
  #waiting: PromiseWithResolvers<void> | undefined;
  #rung = false;

  /** Report the event: ends the current wait, or else the next one. */
  ring(): void {
    this.#rung = true;
    this.#waiting?.resolve();
  }

  /** Resolves when the bell has rung since the last wait, or after `ms`. */
  async wait(ms: number): Promise<void> {
    if (!this.#rung) {
      this.#waiting = Promise.withResolvers<void>();
      const timer = setTimeout(this.#waiting.resolve, ms);
      await this.#waiting.promise;
      clearTimeout(timer);
    }

    this.#rung = false;
  }
}
