/**
 * Measures how fast blocks arrive over all connections to one server together, to tell whether the link or one of the
 * two machines is the bottleneck. Time in which no block is due does not count.
 */

/** Shortest time over which bytes are counted to compute a rate: for the first rate, and for later ones. */
const firstWindowMs = 50;
const windowMs = 250;
/** If the link had to wait for this side, it can do more than was counted: it counts as at least this fast. */
const heldUpPerMs = 100_000;
/** A higher rate makes no difference, and would distort the average for longer. */
const mostPerMs = 1_000_000;

export class LinkRate {
  readonly #nowMs: () => number;
  /** Number of connections over which blocks are due. */
  #busy = 0;
  /** When the current count began. The first bytes had arrived by then. */
  #sinceMs: number | undefined;
  #bytes = 0;
  #isHeldUp = false;
  #bytesPerMs: number | undefined;

  /** @param nowMs a monotonic clock. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Undefined until a rate is known. If this side is slower than the link: 100 MB or more. */
  get bytesPerSecond(): number | undefined {
    return this.#bytesPerMs === undefined ? undefined : this.#bytesPerMs * 1000;
  }

  /** Says that blocks are due over one connection, until the result is disposed of. */
  due(): Disposable {
    if (this.#busy++ === 0) {
      this.#sinceMs = undefined;
    }

    return {[Symbol.dispose]: () => this.#busy--};
  }

  /** `bytes` have arrived over the link. */
  came(bytes: number): void {
    const nowMs = this.#nowMs();
    if (this.#sinceMs === undefined) {
      // It is not known how long these bytes took.
      this.#restart(nowMs);
      return;
    }

    this.#bytes += bytes;
    const passedMs = nowMs - this.#sinceMs;
    if (passedMs >= (this.#bytesPerMs === undefined ? firstWindowMs : windowMs)) {
      const counted = Math.min(this.#bytes / passedMs, mostPerMs);
      const bytesPerMs = this.#isHeldUp ? Math.max(counted, heldUpPerMs) : counted;
      // The average smooths two errors: a busy moment makes the link look slow, and the bytes that waited meanwhile
      // make it look fast.
      this.#bytesPerMs = ((this.#bytesPerMs ?? bytesPerMs) + bytesPerMs) / 2;
      this.#restart(nowMs);
    }
  }

  /** This side has no memory for the bytes that arrive. */
  heldUp(): void {
    this.#isHeldUp = true;
  }

  #restart(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#bytes = 0;
    this.#isHeldUp = false;
  }
}
