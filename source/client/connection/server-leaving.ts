/**
 * A server that stops says good-bye on its connections, after it has answered all requests that it received. A client
 * with further requests continues over a new connection at once: behind a load balancer, another server takes it. This
 * is not a failure, so it does not count as one of the user's `retries`, unless good-byes follow each other with
 * nothing in between.
 */
import {JangadaError} from '../../../protocol/errors.ts';

/**
 * Number of good-byes in a row that do not count. More servers do not stop at once, and no server can keep a client
 * busy for ever.
 */
const mostInARow = 8;

export class ServerLeaving extends JangadaError {
  constructor() {
    const brief = 'the server stops';
    super('connection_lost', `The connection is lost: ${brief}`, {brief});
  }
}

export class GoodByes {
  #left = mostInARow;

  /** Whether the attempt that ended with `error` does not count, so that another may follow at once. */
  costsNothing(error: unknown): boolean {
    return error instanceof ServerLeaving && this.#left-- > 0;
  }

  /** Something was received since the last good-bye. */
  startAnew(): void {
    this.#left = mostInARow;
  }
}
