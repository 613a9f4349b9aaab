/**
 * Whether the peer of one connection still lives. Bytes that come are a sign of life; while an
 * answer is due they have to come, and while nothing is asked a ping asks for some.
 *
 *     heard ──── a third: ping ────────────────────── silence timeout: gone
 *                (only if nothing is asked)
 *     slept, or stopped for long ── a fifth: gone, unless something is heard
 *
 * There is one timer, which does not keep the process alive: while nothing is asked it fires once
 * for each ping.
 */

/** Times in milliseconds. */
export type Clock = {
  /** Goes on evenly; on Linux not while the machine sleeps. */
  nowMs(): number;
  /** The time of day, which goes on while the machine sleeps. */
  wallMs(): number;
};

export const systemClock: Clock = {nowMs: () => performance.now(), wallMs: () => Date.now()};

/**
 * `idle`: nothing is asked. `pinged`: a ping alone. `busy`: an answer is due. `waiting`: this side
 * does not read, so that silence says nothing.
 */
export type BeatState = 'idle' | 'pinged' | 'busy' | 'waiting';

type HeartbeatOptions = {
  /** After so much silence the peer is gone. */
  silenceTimeoutMs: number;
  clock: Clock;
  state(): BeatState;
  /** Ask for a sign of life. */
  ping(): void;
  /** The peer is gone. */
  gone(): void;
};

/** A clock that jumps so far: the machine slept. */
const sleptMs = 5000;

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #silenceTimeoutMs: number;
  readonly #pingEveryMs: number;
  readonly #lookEveryMs: number;
  /** For a peer that has to show that it is still there. */
  readonly #aliveMs: number;
  #heardAtMs: number;
  /** By when something has to be heard, if that is not a silence timeout after the last time. */
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

  /** Something came. */
  heard(): void {
    this.#heardAtMs = this.#options.clock.nowMs();
    this.#lifeByMs = undefined;
  }

  /** An answer is due, where nothing was asked before. */
  asked(): void {
    const nowMs = this.#options.clock.nowMs();
    if (this.#hasSlept(nowMs)) {
      this.#lifeByMs = nowMs + this.#aliveMs;
    } else if (this.#lifeByMs === undefined) {
      // One that lives was heard of not much longer ago than it is pinged.
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

  /** So much time is left at least. */
  #grant(nowMs: number, ms: number): void {
    if (this.#goneAtMs < nowMs + ms) {
      this.#lifeByMs = nowMs + ms;
    }
  }

  /** Whether the machine has slept since the last look. */
  #hasSlept(nowMs: number): boolean {
    const wallMs = this.#options.clock.wallMs();
    const before = this.#lookedAt;
    this.#lookedAt = {nowMs, wallMs};
    return wallMs - before.wallMs - (nowMs - before.nowMs) > sleptMs;
  }

  #look(): void {
    const {clock, state, ping} = this.#options;
    const nowMs = clock.nowMs();
    // This process slept, or was kept from its work, so that a ping is overdue: nothing could be heard.
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
      // Bytes that came while this thread was busy are read first.
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
        // Often, to notice soon that the machine has slept.
        return Math.min(goneInMs, this.#lookEveryMs);
    }
  }
}
