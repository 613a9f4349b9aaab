/**
 * Job control, as a shell expects it: the process gives the terminal back before it stops. When it continues, it takes
 * the terminal again and draws the whole screen.
 *
 *     Ctrl-Z ───► give back ──► stop the whole job ──┐
 *     SIGTSTP ──► give back ──► stop this process ───┼──► fg ──► take again
 *     SIGSTOP, which no process hears of ────────────┘
 */
import process from 'node:process';
import {aborted} from '../protocol/errors.ts';

/** Gives the terminal back, takes it again once the promise of `meanwhile` settles, and draws the screen. */
type LendTerminal = (meanwhile: () => Promise<void>) => Promise<void>;

/** If this process still runs after so many milliseconds, the system has not stopped it. */
const stopMs = 100;
/** Process group 0: all processes of the job, for example npm and its shell, have to stop, too. */
const wholeJob = 0;

export class JobControl {
  readonly #onError: (error: unknown) => void;
  #lend: LendTerminal | undefined;
  #isAway = false;

  /** @param onError gets the error when the terminal cannot be given back or taken again. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Whether the terminal is given away: keys that this process still reads are meant for the shell. */
  get isAway(): boolean {
    return this.#isAway;
  }

  /** Handle the signals, now that there is a terminal to lend. @returns a function that ends it. */
  begin(lend: LendTerminal): () => void {
    this.#lend = lend;
    process.on('SIGTSTP', this.#onStop);
    process.on('SIGCONT', this.#onContinue);
    return () => {
      this.#lend = undefined;
      process.off('SIGTSTP', this.#onStop);
      process.off('SIGCONT', this.#onContinue);
    };
  }

  /**
   * Stop the job, as Ctrl-Z stops any other program. Resolves once it continues, with whether it was stopped: the
   * system stops no job that no shell could continue.
   */
  async suspend(): Promise<boolean> {
    // Windows has neither jobs nor such a signal.
    return process.platform !== 'win32' && (await this.#stop(wholeJob));
  }

  /**
   * Give the terminal to another program until `use` ends. Ctrl-C is for that program.
   *
   * @throws as `use`; JangadaError `aborted` if there is no terminal to give at this moment.
   */
  async lend(use: () => Promise<void>): Promise<void> {
    const used = Promise.withResolvers<void>();
    // The error is handled once the terminal is taken again.
    used.promise.catch(() => {});
    process.on('SIGINT', ignored);
    try {
      await this.#lendFor(() => use().then(used.resolve, used.reject));
    } finally {
      process.off('SIGINT', ignored);
    }

    // This has no effect if `use` has settled the promise.
    used.reject(aborted('The terminal is used for something else'));
    await used.promise;
  }

  readonly #onStop = (): void => {
    void this.#stop(process.pid);
  };

  readonly #onContinue = (): void => {
    // After SIGSTOP, which no process can handle, the shell has left its own modes and text on the terminal.
    void this.#lendFor(async () => {});
  };

  async #stop(pid: number): Promise<boolean> {
    let wasStopped = false;
    await this.#lendFor(async () => {
      process.off('SIGTSTP', this.#onStop);
      try {
        wasStopped = await stopUntilContinued(pid);
      } finally {
        process.on('SIGTSTP', this.#onStop);
      }

      // The system tells only the foreground job about a new size. Node asks the terminal at this event.
      process.emit('SIGWINCH');
    });
    return wasStopped;
  }

  async #lendFor(meanwhile: () => Promise<void>): Promise<void> {
    if (this.#isAway || this.#lend === undefined) {
      return;
    }

    this.#isAway = true;
    try {
      await this.#lend(meanwhile);
    } catch (error) {
      this.#onError(error);
    } finally {
      this.#isAway = false;
    }
  }
}

const ignored = (): void => {};

/** Resolves once this process continues, with whether it was stopped at all. */
async function stopUntilContinued(pid: number): Promise<boolean> {
  const going = Promise.withResolvers<boolean>();
  const onContinue = (): void => going.resolve(true);
  process.once('SIGCONT', onContinue);
  // The process stops within this call.
  process.kill(pid, 'SIGTSTP');
  const timer = setTimeout(() => {
    // The signal may wait unread, because the clock went on while this process was stopped.
    setImmediate(() => going.resolve(false));
  }, stopMs);
  try {
    return await going.promise;
  } finally {
    clearTimeout(timer);
    process.off('SIGCONT', onContinue);
  }
}
