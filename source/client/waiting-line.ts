/** Callers that wait for a connection, served in turn. */
import {aborted} from '../../protocol/errors.ts';
import type {Connection} from './connection/connection.ts';

/** Undefined: there is a place for a connection of one's own. */
type Served = Connection | undefined;

type Waiter = {serve(served: Served): void; takes(connection: Connection): boolean};

export class WaitingLine {
  readonly #waiting = new Set<Waiter>();

  get length(): number {
    return this.#waiting.size;
  }

  /**
   * Wait until it is the caller's turn.
   *
   * @param takes Whether a connection is of use for the caller. @throws JangadaError `aborted`.
   */
  wait(signal: AbortSignal, takes: (connection: Connection) => boolean): Promise<Served> {
    return new Promise((resolve, reject) => {
      const serve = (served: Served) => {
        signal.removeEventListener('abort', onAbort);
        resolve(served);
      };
      const waiter = {serve, takes};
      const onAbort = () => {
        this.#waiting.delete(waiter);
        reject(aborted());
      };
      signal.addEventListener('abort', onAbort, {once: true});
      this.#waiting.add(waiter);
    });
  }

  /** Serve the first in line for whom it is of use. @returns whether there is one. */
  serve(served: Served): boolean {
    const first = [...this.#waiting].find(({takes}) => served === undefined || takes(served));
    if (first !== undefined) {
      this.#waiting.delete(first);
      first.serve(served);
    }

    return first !== undefined;
  }
}
