/**
 * The log of events that clients cause. Clients can cause any number of lines, so each level has a rate limit; lines
 * above it are left out and counted.
 */
import type {Logger} from 'pino';
import {Tally} from './tally.ts';

export type ClientLogLevel = 'debug' | 'info' | 'warn' | 'error';

/** The most lines of one level at once. */
const burst = 200;

/** The lasting rate: lines of one level per second. */
const perSecond = 10;

/** How often the log reports lines that were left out, in milliseconds. */
const tellEveryMs = 10_000;

type ClientLogOptions = {
  /** A monotonic clock. */
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
   * Logs that `child` makes share the rates of this one.
   *
   * @param processes the number of processes of the server, which share the rates.
   */
  static of(
    logger: Logger,
    {nowMs = () => performance.now(), processes = 1}: ClientLogOptions = {},
  ): ClientLog {
    return new ClientLog(logger, new LineBudgets(logger, nowMs, processes));
  }

  /** A log that adds `fields` to its lines. */
  child(fields: Record<string, unknown>): ClientLog {
    return new ClientLog(this.#logger.child(fields), this.#budgets);
  }

  write(level: ClientLogLevel, fields: Record<string, unknown>, message: string): void {
    // A line below the log level does not count as left out.
    if (this.#logger.isLevelEnabled(level) && this.#budgets.spend(level)) {
      this.#logger[level](fields, message);
    }
  }

  /** Report the lines that were left out and not reported yet. */
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

  /** Whether a line may be written; if not, it is counted. */
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
