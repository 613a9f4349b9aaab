/**
 * Whether the disk answers promptly. After a call took long the disk counts as slow for a while,
 * and as long as a call hangs.
 */
import {RunDelay} from './run-delay.ts';

/** A call of the serving thread that took longer has held up every client. */
const slowMs = 50;

/** A call of another thread that took longer; it held up one client alone. */
const hangingMs = 250;

/** So long after its last slow call a disk counts as slow. */
const slowForMs = 30_000;

/** How old the known delay of this thread may be when a call begins. */
const delayAgeMs = 10;

export class Pace {
  readonly #onSlow: (ms: number) => void;
  readonly #outstanding = new Set<{startedAt: number}>();
  readonly #delay = new RunDelay();
  #delayMs = 0;
  #delayAt = 0;
  #slowUntil: number;

  /**
   * @param alwaysSlow for a disk that is another machine's.
   * @param onSlow is called when the disk becomes slow, with the milliseconds that a call took.
   */
  constructor(alwaysSlow: boolean, onSlow: (ms: number) => void) {
    this.#slowUntil = alwaysSlow ? Number.POSITIVE_INFINITY : 0;
    this.#onSlow = onSlow;
  }

  /** Whether calls should be made where they hold up nobody. */
  get slow(): boolean {
    if (this.#slowUntil === 0 && this.#outstanding.size === 0) {
      // It was never slow: asked for each call, so that even the time costs something.
      return false;
    }

    const now = performance.now();
    if (this.#outstanding.size > 0) {
      const [oldest] = this.#outstanding;
      this.#took(now - (oldest?.startedAt ?? now), hangingMs, now);
    }

    return now < this.#slowUntil;
  }

  /** Do `work`, a call of this thread. */
  timed<Result>(work: () => Result): Result {
    const startedAt = performance.now();
    if (startedAt - this.#delayAt > delayAgeMs) {
      this.#delayMs = this.#delay.ms;
      this.#delayAt = startedAt;
    }

    try {
      return work();
    } finally {
      const now = performance.now();
      const ms = now - startedAt;
      if (ms > slowMs) {
        this.#took(ms - (this.#delay.ms - this.#delayMs), slowMs, now);
      }
    }
  }

  /** Do `work`, a call of another thread; it counts while it hangs. */
  async timedLater<Result>(work: () => Promise<Result>): Promise<Result> {
    const call = {startedAt: performance.now()};
    this.#outstanding.add(call);
    try {
      return await work();
    } finally {
      const now = performance.now();
      this.#outstanding.delete(call);
      this.#took(now - call.startedAt, hangingMs, now);
    }
  }

  close(): void {
    this.#delay.close();
  }

  #took(ms: number, limitMs: number, now: number): void {
    if (ms <= limitMs) {
      return;
    }

    if (now >= this.#slowUntil) {
      this.#onSlow(ms);
    }

    this.#slowUntil = Math.max(this.#slowUntil, now + slowForMs);
  }
}
