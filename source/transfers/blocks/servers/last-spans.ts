/**
 * The end of a file that several servers give. When a lane has nothing left to ask for, it could wait for long for the
 * last blocks of a slow server, or of one that has stalled. So those have twice the time in which this lane would fetch
 * them, and a second; then it does fetch them.
 */
import type {Connection} from '../../../client/connection/connection.ts';
import type {Pace} from '../pace.ts';

const patienceMs = 1000;

export class LastSpans implements Disposable {
  readonly #lanes = new Map<Connection, Pace>();
  readonly #overtake: (connection: Connection) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param overtake has the lane over a connection give up what it has asked for. */
  constructor(overtake: (connection: Connection) => void) {
    this.#overtake = overtake;
  }

  /** A lane asks over `connection`, until what is returned is disposed of. */
  lane(connection: Connection, pace: Pace): Disposable {
    this.#lanes.set(connection, pace);
    return {[Symbol.dispose]: () => this.#lanes.delete(connection)};
  }

  /** A lane has nothing left to ask for. */
  over({address}: Connection, pace: Pace): void {
    const others = [...this.#lanes].filter(([connection]) => connection.address !== address);
    const bytes = others.reduce((sum, [, {outstanding}]) => sum + outstanding, 0);
    // A lane to which nothing has come does not know that it would be faster.
    if (bytes === 0 || !pace.hasCome || this.#timer !== undefined) {
      return;
    }

    const bytesPerMs = pace.bytesIn(1) ?? Number.POSITIVE_INFINITY;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        for (const [connection, {outstanding}] of others) {
          if (outstanding > 0 && this.#lanes.has(connection)) {
            this.#overtake(connection);
          }
        }
      },
      patienceMs + (2 * bytes) / bytesPerMs,
    );
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
