/**
 * The log of what clients cause. They may cause any number of lines, so each level has a rate; the
 * lines above it are left out and counted.
 */
import type {Logger} from 'pino';
import {Tally} from './tally.ts';

export type ClientLogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Lines of one level that may come at once. */
const burst = 200;

/** Lines of one level a second that may come for ever. */
const perSecond = 10;

/** How often lines that were left out are told of, in milliseconds. */
const tellEveryMs = 10_000;

type ClientLogOptions = {
  /** A clock that goes on evenly. */
  nowMs?: () => number;
  processes?: number;
};

export class ClientLog {
  readonly #logger: Logger;
  readonly #budgets: LineBudgets;

  private constructor(logger: Logger, budgets: LineBudgets) {
    this.#logger = logger;
    this.#budgets = budgets;
  }

  /**
   * All that are made of it with `child` share its rates.
   *
   * @param processes those of the server: each has its part of the rates.
   */
  static of(
    logger: Logger,
    {nowMs = () => performance.now(), processes = 1}: ClientLogOptions = {},
  ): ClientLog {
    return new ClientLog(logger, new LineBudgets(logger, nowMs, processes));
  }

  /** A log whose lines have `fields`, too. */
  child(fields: Record<string, unknown>): ClientLog {
    return new ClientLog(this.#logger.child(fields), this.#budgets);
  }

  write(level: ClientLogLevel, fields: Record<string, unknown>, message: string): void {
    // A line that nobody wants is not one that was left out.
    if (this.#logger.isLevelEnabled(level) && this.#budgets.spend(level)) {
      this.#logger[level](fields, message);
    }
  }

  /** Tell of the lines that were left out and not told of yet. */
  close(): void {
    this.#budgets.close();
  }
}

type LineBudget = {lines: number; filledAtMs: number};

class LineBudgets {
  readonly #nowMs: () => number;
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #leftOut: Tally;
  readonly #budgets = new Map<ClientLogLevel, LineBudget>();

  constructor(logger: Logger, nowMs: () => number, processes: number) {
    this.#nowMs = nowMs;
    this.#burst = burst / processes;
    this.#perSecond = perSecond / processes;
    this.#leftOut = new Tally(tellEveryMs, leftOut =>
      logger.warn({leftOut}, 'lines were left out of the log: clients cause too many'),
    );
  }

  /** Whether a line may be written; it is counted if not. */
  spend(level: ClientLogLevel): boolean {
    const nowMs = this.#nowMs();
    const before = this.#budgets.get(level) ?? {lines: this.#burst, filledAtMs: nowMs};
    const filled = before.lines + ((nowMs - before.filledAtMs) / 1000) * this.#perSecond;
    const lines = Math.min(this.#burst, filled);
    const mayWrite = lines >= 1;
    this.#budgets.set(level, {lines: mayWrite ? lines - 1 : lines, filledAtMs: nowMs});
    if (!mayWrite) {
      this.#leftOut.add();
    }

    return mayWrite;
  }

  close(): void {
    this.#leftOut.close();
  }
}
