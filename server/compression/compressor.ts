/**
 * Decides for one connection which blocks are compressed, and how hard.
 *
 *     block ─► try? ─► place ─► compress ─► smaller by a sixteenth? ─► goes compressed
 *               no      none             no: fewer tries from now on
 *                └───────┴───────────────┴─────────────────────► goes as it is
 *
 * If tries do not make blocks smaller, the content is compressed already, and the server tries less and less often. If
 * compression takes a small part of the time, the client's link is the bottleneck, and the server raises the level. If
 * compression takes most of the time, for example because other clients wait for the same places, the server lowers the
 * level. If the lowest level is still very slow, some blocks go uncompressed, so that the client can measure its link.
 */
import type {Buffer} from 'node:buffer';
import {type CompressionLevel, compressBlock, compressionLevels} from './compress-block.ts';
import type {CompressionPlaces} from './compression-places.ts';

/** The most blocks that the server skips between two tries. */
const longestPause = 32;
/** Blocks after which the level may change. */
const blocksPerLook = 4;
/** A machine that needs so long for a block compresses 16 MB a second for a client with four connections. */
const verySlowMs = 250;
/** How many blocks such a machine sends uncompressed before it compresses again. */
const blocksAsTheyAre = 8;
/** The level rises when everything else takes at least so many times as long as compression. */
const timesAsLong = 3;

type CompressorMeans = {
  compress: typeof compressBlock;
  /** A monotonic clock. */
  nowMs: () => number;
};

export class Compressor {
  readonly #places: CompressionPlaces;
  readonly #peer: string;
  readonly #compress: CompressorMeans['compress'];
  readonly #nowMs: CompressorMeans['nowMs'];
  #content: string | undefined;
  /** How many blocks to send uncompressed before the next try, and after the next try that fails. */
  #left = 0;
  #pause = 1;
  #level: CompressionLevel = 3;
  #lookedAtMs: number | undefined;
  #compressingMs = 0;
  #compressed = 0;

  /** @param peer the client's address. */
  constructor(
    places: CompressionPlaces,
    peer: string,
    {compress = compressBlock, nowMs = () => performance.now()}: Partial<CompressorMeans> = {},
  ) {
    this.#places = places;
    this.#peer = peer;
    this.#compress = compress;
    this.#nowMs = nowMs;
  }

  /** Begin with blocks of `content`, which is any name for it: forget what other content has taught. */
  begin(content: string): void {
    if (content !== this.#content) {
      this.#content = content;
      this.#left = 0;
      this.#pause = 1;
    }
  }

  /**
   * Compress `block` into the front of `room`, which may be the same memory. The caller must change neither of them
   * meanwhile.
   *
   * @returns the compressed length; undefined if the server should send the block uncompressed. Then it is unchanged.
   * @throws JangadaError `aborted` when the client has left.
   */
  async compress(block: Buffer, room: Buffer, signal: AbortSignal): Promise<number | undefined> {
    if (this.#left > 0) {
      this.#left--;
      return undefined;
    }

    const startMs = this.#nowMs();
    this.#lookedAtMs ??= startMs;
    const leave = await this.#places.enter(this.#peer, signal);
    if (leave === undefined) {
      return undefined;
    }

    const most = Math.min(room.length, Math.floor((block.length * 15) / 16));
    let length: number | undefined;
    try {
      length = await this.#compress(block, this.#level, room.subarray(0, most));
    } finally {
      leave();
    }

    this.#took(startMs, this.#lookedAtMs);
    if (length === undefined) {
      this.#left = this.#pause;
      this.#pause = Math.min(longestPause, this.#pause * 2);
    } else {
      this.#pause = 1;
    }

    return length;
  }

  #took(startMs: number, lookedAtMs: number): void {
    const nowMs = this.#nowMs();
    this.#compressingMs += nowMs - startMs;
    if (++this.#compressed < blocksPerLook) {
      return;
    }

    const restMs = nowMs - lookedAtMs - this.#compressingMs;
    const at = compressionLevels.indexOf(this.#level);
    if (restMs > timesAsLong * this.#compressingMs) {
      this.#level = compressionLevels[at + 1] ?? this.#level;
    } else if (restMs < this.#compressingMs && at > 0) {
      this.#level = compressionLevels[at - 1] ?? this.#level;
    } else if (
      restMs < this.#compressingMs / 2 &&
      this.#compressingMs > verySlowMs * blocksPerLook
    ) {
      this.#left = blocksAsTheyAre;
    }

    this.#lookedAtMs = nowMs;
    this.#compressingMs = 0;
    this.#compressed = 0;
  }
}
