/** Callers that wait for a connection, in order. */
import {aborted} from '../../protocol/errors.ts';
import type {Connection} from './connection/connection.ts';

/** Undefined: the caller may open a connection of its own. */
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
   * @param takes whether the caller can use a connection. @throws JangadaError `aborted`.
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

  /** Serve the first waiting caller that can use it. @returns whether there was one. */
  serve(served: Served): boolean {
    const first = [...this.#waiting].find(({takes}) => served === undefined || takes(served));
    if (first !== undefined) {
      this.#waiting.delete(first);
      first.serve(served);
    }

    return first !== undefined;
  }
}
