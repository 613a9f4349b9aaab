/**
 * Job control, as a shell expects it: the terminal is given back before this process stops, and
 * taken again when it goes on, with the whole screen drawn anew.
 *
 *     Ctrl-Z ───► give back ──► stop the whole job ──┐
 *     SIGTSTP ──► give back ──► stop this process ───┼──► fg ──► take again
 *     SIGSTOP, which no process hears of ────────────┘
 */
import process from 'node:process';
import {aborted} from '../protocol/errors.ts';

/** Gives the terminal back, takes it again once the promise of `meanwhile` settles, and draws the screen. */
type LendTerminal = (meanwhile: () => Promise<void>) => Promise<void>;

/** A process that still runs after these milliseconds has not been stopped. */
const stopMs = 100;
/** Stands for all processes of the job: npm and its shell, for one, have to stop, too. */
const wholeJob = 0;

export class JobControl {
  readonly #onError: (error: unknown) => void;
  #lend: LendTerminal | undefined;
  #isAway = false;

  /** @param onError is told when the terminal cannot be given back or taken again. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Whether the terminal is not ours: keys that are still read now are meant for the shell. */
  get isAway(): boolean {
    return this.#isAway;
  }

  /** Follow the signals, now that there is a terminal to lend. @returns a function that ends it. */
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
   * Stop the job, as Ctrl-Z does to any other program. Resolves once it goes on, with whether it was
   * stopped: the system stops no job that nobody could continue.
   */
  async suspend(): Promise<boolean> {
    // Windows has neither jobs nor such a signal.
    return process.platform !== 'win32' && (await this.#stop(wholeJob));
  }

  /**
   * Give the terminal to another program, for as long as `use` takes. Ctrl-C is for that program.
   *
   * @throws as `use`; JangadaError `aborted` if there is no terminal to give at this moment.
   */
  async lend(use: () => Promise<void>): Promise<void> {
    const used = Promise.withResolvers<void>();
    // It is looked at once the terminal is taken again.
    used.promise.catch(() => {});
    process.on('SIGINT', ignored);
    try {
      await this.#lendFor(() => use().then(used.resolve, used.reject));
    } finally {
      process.off('SIGINT', ignored);
    }

    // Without any effect if it was used.
    used.reject(aborted('The terminal is used for something else'));
    await used.promise;
  }

  readonly #onStop = (): void => {
    void this.#stop(process.pid);
  };

  readonly #onContinue = (): void => {
    // After a stop that no process hears of, the shell has left its own modes and its own text.
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

      // Only the job in the foreground is told of another size. Node asks the terminal at this event.
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

/** Resolves once this process goes on, with whether it was stopped at all. */
async function stopUntilContinued(pid: number): Promise<boolean> {
  const going = Promise.withResolvers<boolean>();
  const onContinue = (): void => going.resolve(true);
  process.once('SIGCONT', onContinue);
  // The process stops within this call.
  process.kill(pid, 'SIGTSTP');
  const timer = setTimeout(() => {
    // The signal may be there, unread: the clock ran on while this process was stopped.
    setImmediate(() => going.resolve(false));
  }, stopMs);
  try {
    return await going.promise;
  } finally {
    clearTimeout(timer);
    process.off('SIGCONT', onContinue);
  }
}
