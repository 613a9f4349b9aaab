/**
 * Decides whether the disk is slow. After a slow call, the disk counts as slow for a while, and as long as a call hangs.
 */
import {RunDelay} from './run-delay.ts';

/** The limit for a call of the serving thread, which blocks every client. */
const slowMs = 50;

/** The limit for a call of another thread, which blocks only one client. */
const hangingMs = 250;

/** How long a disk counts as slow after its last slow call. */
const slowForMs = 30_000;

/** How old the measured run delay of this thread may be when a call begins. */
const delayAgeMs = 10;

export class Pace {
  readonly #onSlow: (ms: number) => void;
  readonly #outstanding = new Set<{startedAt: number}>();
  readonly #delay = new RunDelay();
  #delayMs = 0;
  #delayAt = 0;
  #slowUntil: number;

  /**
   * @param alwaysSlow for a remote disk.
   * @param onSlow called when the disk becomes slow, with the milliseconds of the slow call.
   */
  constructor(alwaysSlow: boolean, onSlow: (ms: number) => void) {
    this.#slowUntil = alwaysSlow ? Number.POSITIVE_INFINITY : 0;
    this.#onSlow = onSlow;
  }

  /** Whether other threads should make the calls. */
  get slow(): boolean {
    if (this.#slowUntil === 0 && this.#outstanding.size === 0) {
      // Never slow so far. Asked before each call, so avoid even the cost of reading the clock.
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

  /** Do `work`, a call of another thread; the disk counts as slow while it hangs. */
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
