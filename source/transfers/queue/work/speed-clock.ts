/**
 * The one clock of the queue: 4 ticks a second while something runs, none otherwise. It turns
 * bytes that were moved into speeds, as moving averages.
 */
const tickMs = 250;
/** Weight of the newest tick: an average over about the last two seconds. */
const weight = 0.25;
const historyLength = 32;

export class SpeedClock {
  readonly #onTick: () => void;
  readonly #moved = new Map<number, number>();
  readonly #speeds = new Map<number, number>();
  #total = 0;
  #history: readonly number[] = [];
  #average = 0;
  #timer: NodeJS.Timeout | undefined;
  #lastMs = 0;

  constructor(onTick: () => void) {
    this.#onTick = onTick;
  }

  /** All together, in bytes a second. */
  get bytesPerSecond(): number {
    return this.#average;
  }

  /** The total at the last ticks, oldest first. */
  get history(): readonly number[] {
    return this.#history;
  }

  /** Of one transfer. */
  speedOf(id: number): number {
    return this.#speeds.get(id) ?? 0;
  }

  /** Transfer `id` moved `bytes`; `total`: they were fetched, and count for all. */
  moved(id: number, bytes: number, options: {total: boolean}): void {
    this.#moved.set(id, (this.#moved.get(id) ?? 0) + bytes);
    if (options.total) {
      this.#total += bytes;
    }
  }

  forget(id: number): void {
    this.#moved.delete(id);
    this.#speeds.delete(id);
  }

  start(): void {
    if (this.#timer === undefined) {
      this.#lastMs = performance.now();
      this.#timer = setInterval(() => this.#tick(), tickMs);
    }
  }

  stop(): void {
    if (this.#timer !== undefined) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#average = 0;
      this.#speeds.clear();
      this.#moved.clear();
      this.#onTick();
    }
  }

  #tick(): void {
    const now = performance.now();
    const seconds = Math.max(0.001, (now - this.#lastMs) / 1000);
    this.#lastMs = now;
    for (const [id, bytes] of this.#moved) {
      this.#speeds.set(id, blend(this.#speeds.get(id), bytes / seconds));
      this.#moved.set(id, 0);
    }

    const speed = this.#total / seconds;
    this.#total = 0;
    this.#average = blend(this.#average === 0 ? undefined : this.#average, speed);
    this.#history = [...this.#history, speed].slice(-historyLength);
    this.#onTick();
  }
}

function blend(before: number | undefined, now: number): number {
  const average = before === undefined ? now : before + weight * (now - before);
  // An average of less than a byte is a rest of earlier speed: nothing moves any more.
  return average < 1 ? 0 : average;
}
