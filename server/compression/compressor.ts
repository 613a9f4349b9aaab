/**
 * Decides for one connection which blocks are compressed, and how hard.
 *
 *     block ─► try? ─► place ─► compress ─► smaller by a sixteenth? ─► goes compressed
 *               no      none             no: fewer tries from now on
 *                └───────┴───────────────┴─────────────────────► goes as it is
 *
 * Content that is compressed already is found out by trying, and tried ever more seldom. While most of the time
 * passes with other things than compression, the client's link is what takes long: then it is compressed harder, and less hard
 * where compression is what takes long, for example because other clients wait for the same places. Where it cannot be done
 * any faster, and is very slow, some blocks go as they are: so the client sees what its link can do.
 */
import type {Buffer} from 'node:buffer';
import {type CompressionLevel, compressBlock, compressionLevels} from './compress-block.ts';
import type {CompressionPlaces} from './compression-places.ts';

/** The most blocks that are not tried between two that are. */
const longestPause = 32;
/** Blocks after which the level may change. */
const blocksPerLook = 4;
/** A machine that takes so long for a block compresses 16 MB a second for a client with four connections. */
const verySlowMs = 250;
/** Blocks that such a machine sends as they are, before it compresses again. */
const blocksAsTheyAre = 8;
/** So many times as long as compression has to be all else before it is compressed harder. */
const timesAsLong = 3;

type CompressorMeans = {
  compress: typeof compressBlock;
  /** A clock that goes on evenly. */
  nowMs: () => number;
};

export class Compressor {
  readonly #places: CompressionPlaces;
  readonly #peer: string;
  readonly #compress: CompressorMeans['compress'];
  readonly #nowMs: CompressorMeans['nowMs'];
  #content: string | undefined;
  /** Blocks that are left as they are before the next try, and after the next one that fails. */
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

  /** Blocks of `content` follow, which is any name for it: what was learned about other content no longer counts. */
  begin(content: string): void {
    if (content !== this.#content) {
      this.#content = content;
      this.#left = 0;
      this.#pause = 1;
    }
  }

  /**
   * Put the bytes as which `block` is to travel into the front of `room`, which may be the same memory. Neither must
   * change meanwhile.
   *
   * @returns the number of these bytes; undefined if the block had better go as it is. Then it is unchanged.
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
