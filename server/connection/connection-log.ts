/** What the log and the counts have of one connection: its requests, its errors, as many as are of use, and how it ended. */
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

/** Errors of one connection that are logged; a client that asks for more wrong things is not. */
const loggedErrors = 10;

export class ConnectionLog {
  readonly #log: ClientLog;
  readonly #counts: Counts;
  readonly #openedAt = performance.now();
  #answered = 0;
  #errors = 0;
  /** Of the request that is answered now. */
  #outcome: RequestOutcome = 'ok';

  constructor(log: ClientLog, counts: Counts) {
    this.#log = log;
    this.#counts = counts;
  }

  #write(level: ClientLogLevel, fields: Record<string, unknown>, message: string): void {
    this.#log.write(level, fields, message);
  }

  /** An answer has ended, with an error or without. @param ms since it was begun. */
  answered(label: RequestLabel, ms: number): void {
    this.#answered++;
    countAnswer(this.#counts, label, this.#outcome, ms);
    this.#outcome = 'ok';
  }

  /** The client has left before its answer was complete, or the server broke it off. */
  requestAborted(): void {
    this.#outcome = 'aborted';
  }

  /** The client is told `told` in the place of an answer; `error` is what was the matter. */
  requestFailed(kind: number, error: unknown, told: JangadaError): void {
    this.#errors++;
    this.#outcome = wireCodeOf(told);
    if (told.code === 'internal') {
      this.#write('error', {kind, ...loggedError(error)}, 'a request failed');
    } else if (this.#errors <= loggedErrors) {
      this.#write('info', {kind, code: told.code}, displayName(told.message));
    }
  }

  /** The server ends the connection, and says why. */
  ending({code, message}: JangadaError): void {
    // Nothing came, or bytes that are nothing: the latter is worth a line.
    const level = code === 'timed_out' ? this.#endLevel : 'info';
    this.#write(level, {code}, displayName(message));
  }

  wrongToken(fields: {count: number; delayMs: number}): void {
    this.#counts.wrongTokens++;
    this.#write('warn', fields, 'a wrong token');
  }

  /** The client takes no bytes, and is closed. */
  stalled(): void {
    this.#counts.stalledClients++;
    this.#write('info', {}, 'the client takes no bytes');
  }

  socketFailed(error: Error): void {
    this.#write('debug', {code: systemErrorCode(error) ?? error.name}, 'socket');
  }

  /** The session itself failed, which is a fault of this program. */
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

  /** One that asked for nothing is no news: a health check comes every second. */
  get #endLevel(): ClientLogLevel {
    return this.#answered + this.#errors === 0 ? 'debug' : 'info';
  }
}
