/**
 * A server that stops says good-bye on its connections, with all that was asked for and answered sent. Whoever had more to ask
 * goes on over a new connection at once: behind a balancer another server takes it. That is no failure, so it costs none of
 * the attempts that a user allows, unless one good-bye follows another without anything between them.
 */
import {JangadaError} from '../../../protocol/errors.ts';

/** Good-byes in a row that cost nothing: more servers do not stop at once, and no server can go on for ever. */
const mostInARow = 8;

export class ServerLeaving extends JangadaError {
  constructor() {
    const brief = 'the server stops';
    super('connection_lost', `The connection is lost: ${brief}`, {brief});
  }
}

export class GoodByes {
  #left = mostInARow;

  /** Whether the attempt that ended with `error` costs nothing, so that another one may follow at once. */
  costsNothing(error: unknown): boolean {
    return error instanceof ServerLeaving && this.#left-- > 0;
  }

  /** Something came between. */
  startAnew(): void {
    this.#left = mostInARow;
  }
}
