/** Wait until something has happened, or for a while. */
export class Bell {
  #waiting: PromiseWithResolvers<void> | undefined;
  #rung = false;

  /** It has happened: end the wait that is under way, or else the next one. */
  ring(): void {
    this.#rung = true;
    this.#waiting?.resolve();
  }

  /** Resolves when the bell has been rung since the last wait, or after `ms`. */
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
