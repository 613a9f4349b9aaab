import process from 'node:process';
import {exitStatus} from './results/exit-status.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Handles Ctrl-C and similar signals while a command runs. The first one asks for a clean end through `signal`; the
 * second ends the process at once, after `restore` has restored the terminal.
 */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  readonly #restore: () => void;

  constructor(restore: () => void) {
    this.#restore = restore;
    for (const name of signals) {
      process.on(name, this.#onSignal);
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly #onSignal = () => {
    if (this.#controller.signal.aborted) {
      this.#restore();
      process.exit(exitStatus.interrupted);
    }

    this.#controller.abort();
  };

  /** Called when the command ends. After an interruption the listeners stay: another Ctrl-C ends the process. */
  [Symbol.dispose](): void {
    if (!this.#controller.signal.aborted) {
      for (const name of signals) {
        process.off(name, this.#onSignal);
      }
    }
  }
}
