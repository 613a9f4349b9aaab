/** Callers that wait for a connection, in order. */
import {aborted} from '../../protocol/errors.ts';
import type {Connection} from './connection/connection.ts';

/** Undefined: the caller may open a connection of its own. */
type Served = Connection | undefined;

type Waiter = {
  serve(served: Served): void;
  takes(connection: Connection): boolean;
  /** Whether it waits for the place of a connection, too. */
  opens: boolean;
};

export class WaitingLine {
  readonly #waiting = new Set<Waiter>();

  /** Number of callers that wait for a connection, or for the place of one. */
  get length(): number {
    return [...this.#waiting].filter(({opens}) => opens).length;
  }

  /**
   * Wait until it is the caller's turn.
   *
   * @param takes whether the caller can use a connection.
   * @param opens whether the caller may also open a connection.
   * @throws JangadaError `aborted`.
   */
  wait(
    signal: AbortSignal,
    takes: (connection: Connection) => boolean,
    opens = true,
  ): Promise<Served> {
    return new Promise((resolve, reject) => {
      const serve = (served: Served) => {
        signal.removeEventListener('abort', onAbort);
        resolve(served);
      };
      const waiter = {serve, takes, opens};
      const onAbort = () => {
        this.#waiting.delete(waiter);
        reject(aborted());
      };
      signal.addEventListener('abort', onAbort, {once: true});
      this.#waiting.add(waiter);
    });
  }

  /**
   * Wait for a connection, but no longer than `pause` takes.
   *
   * @param pause rejects only when its signal is aborted.
   * @returns undefined if none came. @throws JangadaError `aborted`.
   */
  async during(
    pause: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
    takes: (connection: Connection) => boolean,
  ): Promise<Served> {
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const served = this.wait(either, takes, false).catch(() => undefined);
    try {
      await Promise.race([served, pause(either)]);
    } catch (error) {
      // A connection that came in the same moment must not be lost.
      if ((await served) === undefined) {
        throw error;
      }
    } finally {
      over.abort();
    }

    return await served;
  }

  /** Serve the first waiting caller that can use it. @returns whether there was one. */
  serve(served: Served): boolean {
    const first = [...this.#waiting].find(({takes, opens}) =>
      served === undefined ? opens : takes(served),
    );
    if (first !== undefined) {
      this.#waiting.delete(first);
      first.serve(served);
    }

    return first !== undefined;
  }
}
