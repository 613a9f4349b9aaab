/** Holds unexpected errors until the terminal is restored. */
import process from 'node:process';

export class Failures {
  readonly #first = Promise.withResolvers<never>();

  constructor() {
    // The promise may be rejected while nothing waits for it.
    this.#first.promise.catch(() => {});
  }

  /** Rejects with the first error. */
  get first(): Promise<never> {
    return this.#first.promise;
  }

  readonly fail = (error: unknown): void => {
    this.#first.reject(error);
  };

  /** Catch unexpected errors of the whole process. @returns a function that ends it. */
  watch(): () => void {
    process.on('uncaughtException', this.fail);
    process.on('unhandledRejection', this.fail);
    return () => {
      process.off('uncaughtException', this.fail);
      process.off('unhandledRejection', this.fail);
    };
  }

  /** `listener`, whose errors are reported here and not to the emitter that calls it. */
  readonly guarded =
    <Arguments extends readonly unknown[]>(listener: (...values: Arguments) => void) =>
    (...values: Arguments): void => {
      try {
        listener(...values);
      } catch (error) {
        this.fail(error);
      }
    };
}
