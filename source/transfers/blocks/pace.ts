/**
 * How fast bytes come over one connection, so that no more is asked for ahead than comes in about
 * a second: enough to keep any way to the server full, and little to wait for, or to lose, when
 * somebody stops.
 */
import {blockSize} from '../../../protocol/block.ts';

const aheadMs = 1000;
/** Bytes are counted at least this long before they say something. */
const windowMs = 100;
/** Blocks to ask for ahead as long as no rate is known: one more for each 50 ms, in which 20 MB/s bring as much. */
const firstAhead = 4;
const mostFirstAhead = 16;
const msForOneMore = 50;
/** The least of them, once the rate is known. */
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
   * @param limit bytes a second that will not be exceeded, if that is known.
   * @param roundTripMs of the way to the server, as far as it is known: when the first answer can be there.
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

  /** Whether any bytes have come. */
  get hasCome(): boolean {
    return this.#hasCome;
  }

  /** Bytes asked for that have not come. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Bytes that may be outstanding. */
  get bytesAhead(): number {
    return this.#bytesPerMs === undefined
      ? this.#firstAhead
      : Math.max(leastAhead, this.#bytesPerMs * aheadMs);
  }

  /** Bytes to ask for in one request: at first the rest of what may be outstanding, later half of that. */
  get bytesAtOnce(): number {
    return this.#bytesPerMs === undefined
      ? this.#firstAhead - this.#outstanding
      : this.bytesAhead / 2;
  }

  /** Bytes that come in `ms`; undefined as long as that is not known. */
  bytesIn(ms: number): number | undefined {
    return this.#bytesPerMs === undefined ? undefined : this.#bytesPerMs * ms;
  }

  /** Milliseconds until the outstanding bytes have come; infinite if the rate is not known. */
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
      // Before that nothing could come.
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
      // Up at once, so that a long way is soon full, and down with time.
      this.#bytesPerMs = Math.max(bytesPerMs, ((this.#bytesPerMs ?? 0) + bytesPerMs) / 2);
      this.#sinceMs += passedMs;
      this.#bytes = 0;
    }
  }
}
