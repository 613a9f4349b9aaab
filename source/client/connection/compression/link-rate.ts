/**
 * How fast blocks come over all connections to one server together: whether the link between, and not one of the two
 * machines, is what takes long. Time in which nothing is asked for does not count.
 */

/** Bytes are counted at least this long before they say something, for the first time and later. */
const firstWindowMs = 50;
const windowMs = 250;
/** A link that has to wait for this side could do more than is counted: it is taken to be at least so fast. */
const heldUpPerMs = 100_000;
/** A rate that is higher says nothing more, and is not to be remembered for longer. */
const mostPerMs = 1_000_000;

export class LinkRate {
  readonly #nowMs: () => number;
  /** Connections over which blocks are due. */
  #busy = 0;
  /** The beginning of the bytes that are being counted: the first of them have come then. */
  #sinceMs: number | undefined;
  #bytes = 0;
  #isHeldUp = false;
  #bytesPerMs: number | undefined;

  /** @param nowMs a clock that goes on evenly. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Undefined as long as nothing is known. Where this side is slower than the link, 100 MB or more. */
  get bytesPerSecond(): number | undefined {
    return this.#bytesPerMs === undefined ? undefined : this.#bytesPerMs * 1000;
  }

  /** Blocks are due over one connection, until what is returned is disposed of. */
  due(): Disposable {
    if (this.#busy++ === 0) {
      this.#sinceMs = undefined;
    }

    return {[Symbol.dispose]: () => this.#busy--};
  }

  /** `bytes` have come over the link. */
  came(bytes: number): void {
    const nowMs = this.#nowMs();
    if (this.#sinceMs === undefined) {
      // They took a time that is not known.
      this.#restart(nowMs);
      return;
    }

    this.#bytes += bytes;
    const passedMs = nowMs - this.#sinceMs;
    if (passedMs >= (this.#bytesPerMs === undefined ? firstWindowMs : windowMs)) {
      const counted = Math.min(this.#bytes / passedMs, mostPerMs);
      const bytesPerMs = this.#isHeldUp ? Math.max(counted, heldUpPerMs) : counted;
      // A machine that is busy for a moment makes no link slow, and what has waited for it meanwhile none fast.
      this.#bytesPerMs = ((this.#bytesPerMs ?? bytesPerMs) + bytesPerMs) / 2;
      this.#restart(nowMs);
    }
  }

  /** This side has no room for what comes. */
  heldUp(): void {
    this.#isHeldUp = true;
  }

  #restart(nowMs: number): void {
    this.#sinceMs = nowMs;
    this.#bytes = 0;
    this.#isHeldUp = false;
  }
}
