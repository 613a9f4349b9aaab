/** Callers that wait for a connection, served in turn. */
import {aborted} from '../../protocol/errors.ts';
import type {Connection} from './connection/connection.ts';

/** Undefined: there is a place for a connection of one's own. */
type Served = Connection | undefined;

export class WaitingLine {
  readonly #waiting = new Set<(served: Served) => void>();

  get length(): number {
    return this.#waiting.size;
  }

  /** Wait until it is the caller's turn. @throws JangadaError `aborted`. */
  wait(signal: AbortSignal): Promise<Served> {
    return new Promise((resolve, reject) => {
      const serve = (served: Served) => {
        signal.removeEventListener('abort', onAbort);
        resolve(served);
      };
      const onAbort = () => {
        this.#waiting.delete(serve);
        reject(aborted());
      };
      signal.addEventListener('abort', onAbort, {once: true});
      this.#waiting.add(serve);
    });
  }

  /** Serve the first in line. @returns whether there is one. */
  serve(served: Served): boolean {
    const [first] = this.#waiting;
    if (first !== undefined) {
      this.#waiting.delete(first);
      first(served);
    }

    return first !== undefined;
  }
}
