/**
 * Reads the keys of a terminal one by one, and takes nothing else of it: the screen stays as it is. The terminal is
 * given back also when a signal ends the program.
 */
import process from 'node:process';

const pasteOn = '\u001b[?2004h';
const pasteOff = '\u001b[?2004l';

const signals = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;

type RawKeysOptions = {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Whether the terminal can mark pasted text. */
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
    // Without a listener, the signal ends the process now.
    process.kill(process.pid, signal);
  };
}
