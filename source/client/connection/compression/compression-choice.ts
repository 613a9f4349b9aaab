/**
 * Decides whether a client requests compressed blocks: it does where the link is slower than the two sides can compress
 * and decompress. Until the rate of the link is known, a server on this machine counts as near, and all others as far.
 */
import type {Address} from '../../../../protocol/address.ts';
import type {Compression} from '../../../../protocol/messages.ts';
import type {RateLimiter} from '../rate-limiter.ts';
import {canDecompress} from './decompress-block.ts';
import {LinkRate} from './link-rate.ts';

/** `auto`: compress where the link is the bottleneck. */
export type CompressionMode = 'auto' | 'never';

/**
 * On a link of this many bytes a second, a block of text takes about twice as long as one core needs to compress it.
 * Text becomes four times smaller, and so arrives at four times this rate.
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

  /** The field `compress` of a `get` request: how the server may encode blocks. */
  get compress(): Compression[] | undefined {
    if (this.#mode === 'never') {
      return undefined;
    }

    const rate = this.#knownRate;
    return (rate === undefined ? !this.#isNear : rate < slowLink) ? ['zstd'] : undefined;
  }

  /**
   * Whether the decision is open: the server is near, and the rate is unknown. Then the client requests one block
   * first, and more when the rate is known: one plain block from a near server takes less time than compressing many
   * for nothing.
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
