/** Errors that nobody expected, while the terminal is not as it was: they wait until it is. */
import process from 'node:process';

export class Failures {
  readonly #first = Promise.withResolvers<never>();

  constructor() {
    // It may be rejected while nothing waits for it.
    this.#first.promise.catch(() => {});
  }

  /** Rejects with the first of them. */
  get first(): Promise<never> {
    return this.#first.promise;
  }

  readonly fail = (error: unknown): void => {
    this.#first.reject(error);
  };

  /** Hear of those of the whole process. @returns a function that ends it. */
  watch(): () => void {
    process.on('uncaughtException', this.fail);
    process.on('unhandledRejection', this.fail);
    return () => {
      process.off('uncaughtException', this.fail);
      process.off('unhandledRejection', this.fail);
    };
  }

  /** `listener`, with its errors told here and not to the emitter that calls it. */
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
