/**
 * The rate of bytes over the last five seconds, or since the first byte if that is later. A transfer that has just
 * begun shows its rate at once, and one that has stalled for five seconds shows none.
 */
const windowSeconds = 5;

export class MovingAverage {
  /** Oldest first. */
  readonly #samples: Array<{bytes: number; seconds: number}> = [];
  #bytes = 0;
  #seconds = 0;

  /** In bytes a second; 0 before the first byte. */
  get bytesPerSecond(): number {
    // More bytes may have been taken back, because they must be received again, than have arrived.
    return this.#seconds > 0 ? Math.max(0, this.#bytes / this.#seconds) : 0;
  }

  /** `bytes` arrived in the last `seconds` (more than 0). A negative number: that many were taken back. */
  add(bytes: number, seconds: number): void {
    if (this.#samples.length === 0 && bytes <= 0) {
      return;
    }

    this.#samples.push({bytes, seconds});
    this.#bytes += bytes;
    this.#seconds += seconds;
    for (
      let [oldest] = this.#samples;
      oldest !== undefined && this.#seconds - oldest.seconds >= windowSeconds;
      [oldest] = this.#samples
    ) {
      this.#samples.shift();
      this.#bytes -= oldest.bytes;
      this.#seconds -= oldest.seconds;
    }

    if (this.#samples.every(sample => sample.bytes === 0)) {
      // No bytes for the whole window: the next byte counts as the first one.
      this.#samples.length = 0;
      this.#bytes = 0;
      this.#seconds = 0;
    }
  }
}
