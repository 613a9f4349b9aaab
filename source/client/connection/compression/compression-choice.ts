/**
 * Whether a client asks its server for compressed blocks: where the link is slower than both sides compress and decompress. As
 * long as nothing is known of it, a server on this machine is taken to be near, and all others to be far.
 */
import type {Address} from '../../../../protocol/address.ts';
import type {Compression} from '../../../../protocol/messages.ts';
import type {RateLimiter} from '../rate-limiter.ts';
import {canDecompress} from './decompress-block.ts';
import {LinkRate} from './link-rate.ts';

/** `auto`: where the link is what takes long. */
export type CompressionMode = 'auto' | 'never';

/**
 * A link of so many bytes a second takes about as long for a block of text as a core does to compress it twice. What
 * is text gets four times as small, so that it comes at four times this rate.
 */
const slowLink = 50_000_000;

export class CompressionChoice {
  readonly rate: LinkRate;
  readonly #mode: CompressionMode;
  readonly #limiter: RateLimiter;
  readonly #isNear: boolean;

  constructor(
    address: Address,
    limiter: RateLimiter,
    mode: CompressionMode = canDecompress ? 'auto' : 'never',
    rate = new LinkRate(),
  ) {
    this.#mode = canDecompress ? mode : 'never';
    this.#limiter = limiter;
    this.#isNear = address.scheme !== 'ssh' && isOwnHost(address.host);
    this.rate = rate;
  }

  /** Of a `get`: how its blocks may travel. */
  get compress(): Compression[] | undefined {
    if (this.#mode === 'never') {
      return undefined;
    }

    const rate = this.#knownRate;
    return (rate === undefined ? !this.#isNear : rate < slowLink) ? ['zstd'] : undefined;
  }

  /**
   * Whether it is not known and could go either way: then one block is asked for, and more when it is. For a server
   * that is near, the block takes less time than compressing many for nothing.
   */
  get isOpen(): boolean {
    return this.#mode === 'auto' && this.#isNear && this.#knownRate === undefined;
  }

  get #knownRate(): number | undefined {
    const {bytesPerSecond} = this.#limiter;
    return bytesPerSecond !== undefined && bytesPerSecond < slowLink
      ? bytesPerSecond
      : this.rate.bytesPerSecond;
  }
}

function isOwnHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.[\d.]+$/.test(host);
}
