/**
 * The only clock of the queue: 4 ticks a second while something runs, otherwise none. It turns numbers of bytes into
 * speeds, as moving averages.
 */
import {MovingAverage} from './moving-average.ts';

const tickMs = 250;
const historyLength = 32;

export class SpeedClock {
  readonly #onTick: () => void;
  readonly #now: () => number;
  /** Bytes since the last tick. */
  readonly #moved = new Map<number, number>();
  readonly #averages = new Map<number, MovingAverage>();
  #totalMoved = 0;
  #total = new MovingAverage();
  #history: readonly number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #lastMs = 0;

  /** @param now a monotonic clock, in milliseconds. Default: the clock of the process. */
  constructor(onTick: () => void, now: () => number = () => performance.now()) {
    this.#onTick = onTick;
    this.#now = now;
  }

  /** Total speed, in bytes a second. */
  get bytesPerSecond(): number {
    return this.#total.bytesPerSecond;
  }

  /** The total speed of each of the last ticks, oldest first. */
  get history(): readonly number[] {
    return this.#history;
  }

  /** Speed of one transfer. */
  speedOf(id: number): number {
    return this.#averages.get(id)?.bytesPerSecond ?? 0;
  }

  /** Transfer `id` has moved `bytes`. `total`: they were fetched, and count for the total speed. */
  moved(id: number, bytes: number, options: {total: boolean}): void {
    if (bytes === 0) {
      return;
    }

    this.#moved.set(id, (this.#moved.get(id) ?? 0) + bytes);
    if (options.total) {
      this.arrived(bytes);
    }
  }

  /** `bytes` were fetched of a transfer that has ended, and has no speed of its own any more. */
  arrived(bytes: number): void {
    this.#totalMoved += bytes;
  }

  forget(id: number): void {
    this.#moved.delete(id);
    this.#averages.delete(id);
  }

  start(): void {
    if (this.#timer === undefined) {
      this.#lastMs = this.#now();
      this.#timer = setInterval(() => this.#tick(), tickMs);
    }
  }

  stop(): void {
    if (this.#timer !== undefined) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#total = new MovingAverage();
      this.#totalMoved = 0;
      this.#averages.clear();
      this.#moved.clear();
      this.#onTick();
    }
  }

  #tick(): void {
    const now = this.#now();
    const seconds = Math.max(0.001, (now - this.#lastMs) / 1000);
    this.#lastMs = now;
    for (const [id, bytes] of this.#moved) {
      let average = this.#averages.get(id);
      if (average === undefined && bytes !== 0) {
        average = new MovingAverage();
        this.#averages.set(id, average);
      }

      average?.add(bytes, seconds);
      this.#moved.set(id, 0);
    }

    this.#total.add(this.#totalMoved, seconds);
    this.#history = [...this.#history, Math.max(0, this.#totalMoved / seconds)].slice(
      -historyLength,
    );
    this.#totalMoved = 0;
    this.#onTick();
  }
}
