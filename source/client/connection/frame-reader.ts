/**
 * Reads the frames of one socket, and decides when the socket has to wait: while a block has no memory, while the
 * receiver has enough to do, and while the rate limit is exceeded.
 */
import {Buffer} from 'node:buffer';
import {type FrameKind, frameKinds} from '../../../protocol/frame.ts';
import {FrameDecoder, type FrameSink} from '../../../protocol/frame-decoder.ts';
import type {RateLimiter} from './rate-limiter.ts';

const accepted: ReadonlySet<FrameKind> = new Set([
  frameKinds.hello,
  frameKinds.entries,
  frameKinds.entry,
  frameKinds.digests,
  frameKinds.file,
  frameKinds.block,
  frameKinds.progress,
  frameKinds.hashed,
  frameKinds.pong,
  frameKinds.welcome,
  frameKinds.files,
  frameKinds.compressed,
  frameKinds.roots,
  frameKinds.end,
  frameKinds.error,
]);

const landingSize = 16_384;

export class FrameReader {
  readonly #decoder: FrameDecoder;
  readonly #limiter: RateLimiter | undefined;
  readonly #readOn: () => void;
  // Takes the bytes of a read that was prepared while the decoder had no memory for them.
  readonly #landing = Buffer.allocUnsafeSlow(landingSize);
  #isPaused = false;
  /** Ends the pause that the rate limit required. */
  #endLimitPause: (() => void) | undefined;
  #isClosed = false;

  /** @param readOn is called when a socket that had to wait may read again. */
  constructor(sink: FrameSink, limiter: RateLimiter | undefined, readOn: () => void) {
    this.#decoder = new FrameDecoder(sink, {accept: accepted});
    this.#limiter = limiter;
    this.#readOn = readOn;
  }

  /** Whether this side makes the socket wait. */
  get isWaiting(): boolean {
    return this.#decoder.blocked || this.#isPaused || this.#endLimitPause !== undefined;
  }

  /** The memory for the next bytes. Under a rate limit it is small, so that no wait is long. */
  room(): Buffer {
    const room = this.#decoder.blocked ? this.#landing : this.#decoder.target();
    const portion = this.#limiter?.portion;
    return portion === undefined ? room : room.subarray(0, portion);
  }

  /**
   * `count` bytes are in `buffer`, which `room` returned.
   *
   * @throws JangadaError `protocol` for invalid frames; errors of the sink.
   */
  read(count: number, buffer: Uint8Array): void {
    this.#spend(count);
    if (buffer.buffer === this.#landing.buffer) {
      this.#decoder.push(this.#landing.subarray(0, count));
    } else {
      this.#decoder.received(count);
    }
  }

  /** There is memory again for the block that had none. @throws as `read`. */
  resume(): void {
    if (this.#decoder.blocked) {
      this.#decoder.resume();
      this.#readOnIfFree();
    }
  }

  /** Make the socket wait until `unpause`. */
  pause(): void {
    this.#isPaused = true;
  }

  unpause(): void {
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#readOnIfFree();
    }
  }

  /** Stop reading for good. */
  close(): void {
    this.#isClosed = true;
    this.#endLimitPause?.();
  }

  #spend(bytes: number): void {
    const waitMs = this.#limiter?.spend(bytes) ?? 0;
    if (waitMs > 1 && this.#endLimitPause === undefined && !this.#isClosed) {
      this.#endLimitPause = this.#limiter?.wait(waitMs, () => {
        this.#endLimitPause = undefined;
        this.#readOnIfFree();
      });
    }
  }

  #readOnIfFree(): void {
    if (!this.#isClosed && !this.isWaiting) {
      this.#readOn();
    }
  }
}
