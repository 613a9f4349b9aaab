/**
 * Tells whether the server of one connection is still alive. Any received bytes show that it is. While an answer is
 * due, bytes must arrive; on an idle connection a ping asks for them.
 *
 *     heard ──── a third: ping ────────────────────── silence timeout: gone
 *                (only on an idle connection)
 *     slept, or stopped for long ── a fifth: gone, unless bytes arrive
 *
 * There is one timer, which does not keep the process alive. On an idle connection it fires once for each ping.
 */

/** Times in milliseconds. */
export type Clock = {
  /** Monotonic; on Linux it stands still while the machine sleeps. */
  nowMs(): number;
  /** The time of day, which continues while the machine sleeps. */
  wallMs(): number;
};

export const systemClock: Clock = {nowMs: () => performance.now(), wallMs: () => Date.now()};

/**
 * `idle`: no request is pending. `pinged`: only a ping is. `busy`: an answer is due. `waiting`: this side does not
 * read, so silence means nothing.
 */
export type BeatState = 'idle' | 'pinged' | 'busy' | 'waiting';

type HeartbeatOptions = {
  /** After this much silence the server counts as gone. */
  silenceTimeoutMs: number;
  clock: Clock;
  state(): BeatState;
  /** Send a ping. */
  ping(): void;
  /** The server is gone. */
  gone(): void;
};

/** If the two clocks differ by more than this, the machine has slept. */
const sleptMs = 5000;

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #silenceTimeoutMs: number;
  readonly #pingEveryMs: number;
  readonly #lookEveryMs: number;
  /** Time for the server to show that it is alive, after this machine slept or this side did not read. */
  readonly #aliveMs: number;
  #heardAtMs: number;
  /** The deadline for the next bytes, if it is not one silence timeout after the last ones. */
  #lifeByMs: number | undefined;
  #lookedAt: {nowMs: number; wallMs: number};
  #timer: NodeJS.Timeout | undefined;
  #dueAtMs = 0;
  #stopped = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#silenceTimeoutMs = options.silenceTimeoutMs;
    this.#pingEveryMs = this.#silenceTimeoutMs / 3;
    this.#aliveMs = this.#silenceTimeoutMs / 5;
    this.#lookEveryMs = this.#silenceTimeoutMs / 15;
    const {clock} = options;
    this.#lookedAt = {nowMs: clock.nowMs(), wallMs: clock.wallMs()};
    this.#heardAtMs = this.#lookedAt.nowMs;
    this.#arm(this.#lookedAt.nowMs);
  }

  /** Bytes arrived. */
  heard(): void {
    this.#heardAtMs = this.#options.clock.nowMs();
    this.#lifeByMs = undefined;
  }

  /** A request was sent on a connection that was idle. */
  asked(): void {
    const nowMs = this.#options.clock.nowMs();
    if (this.#hasSlept(nowMs)) {
      this.#lifeByMs = nowMs + this.#aliveMs;
    } else if (this.#lifeByMs === undefined) {
      // A server that is alive was heard at most about one ping interval ago.
      this.#grant(nowMs, this.#silenceTimeoutMs - this.#pingEveryMs);
    }

    if (this.#dueAtMs > nowMs + this.#lookEveryMs) {
      this.#arm(nowMs);
    }
  }

  /** This side reads again. */
  listening(): void {
    this.#grant(this.#options.clock.nowMs(), this.#aliveMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  get #goneAtMs(): number {
    return this.#lifeByMs ?? this.#heardAtMs + this.#silenceTimeoutMs;
  }

  /** Extend the deadline so that at least `ms` are left. */
  #grant(nowMs: number, ms: number): void {
    if (this.#goneAtMs < nowMs + ms) {
      this.#lifeByMs = nowMs + ms;
    }
  }

  /** Whether the machine has slept since the last check. */
  #hasSlept(nowMs: number): boolean {
    const wallMs = this.#options.clock.wallMs();
    const before = this.#lookedAt;
    this.#lookedAt = {nowMs, wallMs};
    return wallMs - before.wallMs - (nowMs - before.nowMs) > sleptMs;
  }

  #look(): void {
    const {clock, state, ping} = this.#options;
    const nowMs = clock.nowMs();
    // The machine slept, or this process was stopped for so long that a ping is overdue: it could not read meanwhile.
    const isLate = nowMs - this.#dueAtMs > Math.min(sleptMs, this.#pingEveryMs);
    if (this.#hasSlept(nowMs) || isLate) {
      this.#lifeByMs = nowMs + this.#aliveMs;
      if (state() === 'idle') {
        ping();
      }
    }

    if (state() === 'waiting') {
      this.#grant(nowMs, this.#aliveMs);
    } else if (nowMs >= this.#goneAtMs) {
      // Bytes that arrived while this thread was busy are read before the timeout takes effect.
      setImmediate(() => this.#settle());
      return;
    } else if (state() === 'idle' && nowMs >= this.#heardAtMs + this.#pingEveryMs) {
      ping();
    }

    this.#arm(nowMs);
  }

  #settle(): void {
    const nowMs = this.#options.clock.nowMs();
    if (this.#options.state() !== 'waiting' && nowMs >= this.#goneAtMs) {
      this.#options.gone();
    } else {
      this.#arm(nowMs);
    }
  }

  #arm(nowMs: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) {
      return;
    }

    const waitMs = Math.max(1, this.#nextMs(nowMs));
    this.#dueAtMs = nowMs + waitMs;
    this.#timer = setTimeout(() => this.#look(), Math.ceil(waitMs));
    this.#timer.unref();
  }

  #nextMs(nowMs: number): number {
    const goneInMs = this.#goneAtMs - nowMs;
    switch (this.#options.state()) {
      case 'idle': {
        const pingInMs = this.#heardAtMs + this.#pingEveryMs - nowMs;
        return pingInMs > 0 ? pingInMs : this.#pingEveryMs;
      }

      case 'pinged':
        return Math.min(goneInMs, this.#pingEveryMs);
      default:
        // Check often, to notice soon that the machine has slept.
        return Math.min(goneInMs, this.#lookEveryMs);
    }
  }
}
