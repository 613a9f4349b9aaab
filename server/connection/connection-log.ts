/** What the log has of one connection: its errors, as many as are of use, and how it ended. */
import {displayName} from '../../protocol/display-text.ts';
import {type JangadaError, systemErrorCode} from '../../protocol/errors.ts';
import type {ClientLog, ClientLogLevel} from '../output/client-log.ts';
import {loggedError} from '../output/logged-error.ts';

/** Errors of one connection that are logged; a client that asks for more wrong things is not. */
const loggedErrors = 10;

export class ConnectionLog {
  readonly #log: ClientLog;
  readonly #openedAt = performance.now();
  #answered = 0;
  #errors = 0;

  constructor(log: ClientLog) {
    this.#log = log;
  }

  write(level: ClientLogLevel, fields: Record<string, unknown>, message: string): void {
    this.#log.write(level, fields, message);
  }

  answered(): void {
    this.#answered++;
  }

  /** The client is told `told` in the place of an answer; `error` is what was the matter. */
  requestFailed(kind: number, error: unknown, told: JangadaError): void {
    this.#errors++;
    if (told.code === 'internal') {
      this.write('error', {kind, ...loggedError(error)}, 'a request failed');
    } else if (this.#errors <= loggedErrors) {
      this.write('info', {kind, code: told.code}, displayName(told.message));
    }
  }

  /** The server ends the connection, and says why. */
  ending({code, message}: JangadaError): void {
    // Nothing came, or bytes that are nothing: the latter is worth a line.
    const level = code === 'timed_out' ? this.#endLevel : 'info';
    this.write(level, {code}, displayName(message));
  }

  socketFailed(error: Error): void {
    this.write('debug', {code: systemErrorCode(error) ?? error.name}, 'socket');
  }

  /** The session itself failed, which is a fault of this program. */
  failed(error: unknown): void {
    this.write('error', loggedError(error), 'a connection failed');
  }

  ended(bytes: number): void {
    this.write(
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
