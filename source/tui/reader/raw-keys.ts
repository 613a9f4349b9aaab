/**
 * The keys of a terminal, one by one as they are pressed, and nothing else of it: no screen is taken.
 * They are given back when a signal ends the program, too.
 */
import process from 'node:process';

const pasteOn = '\u001b[?2004h';
const pasteOff = '\u001b[?2004l';

const signals = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;

type RawKeysOptions = {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Whether the terminal knows how to tell pasted text from keys. */
  readonly marksPastes: boolean;
};

export class RawKeys {
  readonly #options: RawKeysOptions;
  #isTaken = false;

  constructor(options: RawKeysOptions) {
    this.#options = options;
  }

  take(): void {
    const {stdin, stdout, marksPastes} = this.#options;
    this.#isTaken = true;
    stdin.setRawMode(true);
    if (marksPastes) {
      stdout.write(pasteOn);
    }

    for (const signal of signals) {
      process.once(signal, this.#onSignal);
    }
  }

  giveBack(): void {
    if (!this.#isTaken) {
      return;
    }

    const {stdin, stdout, marksPastes} = this.#options;
    this.#isTaken = false;
    for (const signal of signals) {
      process.off(signal, this.#onSignal);
    }

    if (marksPastes) {
      stdout.write(pasteOff);
    }

    stdin.setRawMode(false);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.giveBack();
    // Nobody listens any more: it ends the process now.
    process.kill(process.pid, signal);
  };
}
