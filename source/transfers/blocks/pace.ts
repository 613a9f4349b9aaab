/**
 * Measures how fast bytes arrive over one connection, so that a lane requests only as much ahead as arrives in about a
 * second: enough to fill any link, and little to wait for or to lose when the user stops.
 */
import {blockSize} from '../../../protocol/block.ts';

const aheadMs = 1000;
/** Shortest time over which bytes are counted to compute a rate. */
const windowMs = 100;
/**
 * Blocks to request ahead while the rate is unknown. Each 50 ms of round trip adds one: at 20 MB/s it arrives in that
 * time.
 */
const firstAhead = 4;
const mostFirstAhead = 16;
const msForOneMore = 50;
/** Fewest bytes to request ahead once the rate is known. */
const leastAhead = 2 * blockSize;

export class Pace {
  readonly #now: () => number;
  readonly #firstAhead: number;
  #outstanding = 0;
  #bytesPerMs: number | undefined;
  #sinceMs = 0;
  #bytes = 0;
  #hasCome = false;

  /**
   * @param limit rate limit in bytes a second, if there is one.
   * @param roundTripMs the round trip to the server, 0 if unknown: the first answer cannot arrive sooner.
   */
  constructor(
    limit: number | undefined,
    now: () => number = () => performance.now(),
    roundTripMs = 0,
  ) {
    const more = Math.floor(roundTripMs / msForOneMore);
    this.#firstAhead = Math.min(mostFirstAhead, firstAhead + more) * blockSize;
    this.#bytesPerMs = limit === undefined ? undefined : limit / 1000;
    this.#now = now;
  }

  /** Whether any bytes have arrived. */
  get hasCome(): boolean {
    return this.#hasCome;
  }

  /** Bytes that were requested and have not arrived. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Bytes that may be outstanding. */
  get bytesAhead(): number {
    return this.#bytesPerMs === undefined
      ? this.#firstAhead
      : Math.max(leastAhead, this.#bytesPerMs * aheadMs);
  }

  /** Bytes to put into one request: at first the rest of what may be outstanding, later half of `bytesAhead`. */
  get bytesAtOnce(): number {
    return this.#bytesPerMs === undefined
      ? this.#firstAhead - this.#outstanding
      : this.bytesAhead / 2;
  }

  /** Bytes that arrive in `ms`; undefined while the rate is unknown. */
  bytesIn(ms: number): number | undefined {
    return this.#bytesPerMs === undefined ? undefined : this.#bytesPerMs * ms;
  }

  /** Milliseconds until the outstanding bytes have arrived; infinite while the rate is unknown. */
  get leftMs(): number {
    if (this.#outstanding === 0) {
      return 0;
    }

    return this.#bytesPerMs === undefined
      ? Number.POSITIVE_INFINITY
      : this.#outstanding / this.#bytesPerMs;
  }

  asked(bytes: number): void {
    if (this.#outstanding === 0) {
      // Nothing could arrive before this request.
      this.#sinceMs = this.#now();
      this.#bytes = 0;
    }

    this.#outstanding += bytes;
  }

  came(bytes: number): void {
    this.#hasCome = true;
    this.#outstanding -= bytes;
    this.#bytes += bytes;
    const passedMs = this.#now() - this.#sinceMs;
    if (passedMs >= windowMs) {
      const bytesPerMs = this.#bytes / passedMs;
      // The rate rises at once, so that a long link is soon full, and falls gradually.
      this.#bytesPerMs = Math.max(bytesPerMs, ((this.#bytesPerMs ?? 0) + bytesPerMs) / 2);
      this.#sinceMs += passedMs;
      this.#bytes = 0;
    }
  }
}
