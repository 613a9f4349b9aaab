/**
 * The end of a file that several servers send. A lane with nothing left to request could wait long for the last blocks
 * of a slow or stalled server. So the other lanes get one second plus twice the time in which this lane would fetch
 * those blocks; after that, this lane fetches them.
 */
import type {Connection} from '../../../client/connection/connection.ts';
import type {Pace} from '../pace.ts';

const patienceMs = 1000;

export class LastSpans implements Disposable {
  readonly #lanes = new Map<Connection, Pace>();
  readonly #overtake: (connection: Connection) => void;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  /** @param overtake makes the lane of a connection give its requested blocks back. */
  constructor(overtake: (connection: Connection) => void) {
    this.#overtake = overtake;
  }

  /** Registers a lane that fetches over `connection`, until the result is disposed of. */
  lane(connection: Connection, pace: Pace): Disposable {
    this.#lanes.set(connection, pace);
    return {[Symbol.dispose]: () => this.#lanes.delete(connection)};
  }

  /** The lane of this connection has nothing left to request. */
  over({address}: Connection, pace: Pace): void {
    const others = [...this.#lanes].filter(([connection]) => connection.address !== address);
    const bytes = others.reduce((sum, [, {outstanding}]) => sum + outstanding, 0);
    // A lane that has received nothing cannot know that it would be faster.
    if (bytes === 0 || !pace.hasCome || this.#timer !== undefined) {
      return;
    }

    const bytesPerMs = pace.bytesIn(1) ?? Number.POSITIVE_INFINITY;
    this.#timer = setTimeout(
      () => {
        // Blocks that arrived while this thread was busy are read before the lanes are overtaken.
        this.#turn = setImmediate(() => {
          this.#timer = undefined;
          for (const [connection, {outstanding}] of others) {
            if (outstanding > 0 && this.#lanes.has(connection)) {
              this.#overtake(connection);
            }
          }
        });
      },
      patienceMs + (2 * bytes) / bytesPerMs,
    );
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
  }
}
