/** Logs and counts one connection: its requests, its first errors, and its end. */
import {displayName} from '../../protocol/display-text.ts';
import {type JangadaError, systemErrorCode, wireCodeOf} from '../../protocol/errors.ts';
import {
  type Counts,
  countAnswer,
  type RequestLabel,
  type RequestOutcome,
} from '../metrics/counts.ts';
import type {ClientLog, ClientLogLevel} from '../output/client-log.ts';
import {loggedError} from '../output/logged-error.ts';

/** The most errors of one connection in the log, so that a client cannot fill it. */
const loggedErrors = 10;

export class ConnectionLog {
  readonly #log: ClientLog;
  readonly #counts: Counts;
  readonly #openedAt = performance.now();
  #answered = 0;
  #errors = 0;
  /** The outcome of the current request. */
  #outcome: RequestOutcome = 'ok';

  constructor(log: ClientLog, counts: Counts) {
    this.#log = log;
    this.#counts = counts;
  }

  #write(level: ClientLogLevel, fields: Record<string, unknown>, message: string): void {
    this.#log.write(level, fields, message);
  }

  /** An answer has ended, with or without an error. @param ms its duration. */
  answered(label: RequestLabel, ms: number): void {
    this.#answered++;
    countAnswer(this.#counts, label, this.#outcome, ms);
    this.#outcome = 'ok';
  }

  /** The client has left before its answer was complete, or the server has broken it off. */
  requestAborted(): void {
    this.#outcome = 'aborted';
  }

  /** The client gets `told` instead of an answer; `error` is the cause. */
  requestFailed(kind: number, error: unknown, told: JangadaError): void {
    this.#errors++;
    this.#outcome = wireCodeOf(told);
    if (told.code === 'internal') {
      this.#write('error', {kind, ...loggedError(error)}, 'a request failed');
    } else if (this.#errors <= loggedErrors) {
      this.#write('info', {kind, code: told.code}, displayName(told.message));
    }
  }

  /** The server ends the connection, and tells the client why. */
  ending(error: JangadaError): void {
    const {cause, code, message} = error;
    if (code === 'internal') {
      // The client reads that the log says more.
      this.#write('error', {code, ...loggedError(cause ?? error)}, displayName(message));
      return;
    }

    // A timeout without requests is no news; bytes that are no request are.
    const level = code === 'timed_out' ? this.#endLevel : 'info';
    this.#write(level, {code}, displayName(message));
  }

  wrongToken(fields: {count: number; delayMs: number}): void {
    this.#counts.wrongTokens++;
    this.#write('warn', fields, 'wrong token');
  }

  /** The server closes a client that reads nothing. */
  stalled(): void {
    this.#counts.stalledClients++;
    this.#write('info', {}, 'closed: the client read no bytes for too long');
  }

  socketFailed(error: Error): void {
    this.#write('debug', {code: systemErrorCode(error) ?? error.name}, 'socket');
  }

  /** The session itself failed, which is a bug in this program. */
  failed(error: unknown): void {
    this.#write('error', loggedError(error), 'a connection failed');
  }

  ended(bytes: number): void {
    this.#write(
      this.#endLevel,
      {
        requests: this.#answered,
        errors: this.#errors,
        bytes,
        ms: Math.round(performance.now() - this.#openedAt),
      },
      'connection ended',
    );
  }

  /** A connection without requests is no news: a health check may come every second. */
  get #endLevel(): ClientLogLevel {
    return this.#answered + this.#errors === 0 ? 'debug' : 'info';
  }
}
