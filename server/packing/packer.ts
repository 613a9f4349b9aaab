/**
 * Decides for one connection which blocks are packed, and how hard.
 *
 *     block ─► try? ─► place ─► pack ─► smaller by a sixteenth? ─► goes packed
 *               no      none             no: fewer tries from now on
 *                └───────┴───────────────┴─────────────────────► goes as it is
 *
 * Content that is compressed already is found out by trying, and tried ever more seldom. While most of the time
 * passes with other things than packing, the client's link is what takes long: then it is packed harder, and less hard
 * where packing is what takes long, for example because other clients wait for the same places.
 */
import type {Buffer} from 'node:buffer';
import {type PackingLevel, packBlock, packingLevels} from './pack-block.ts';
import type {PackingPlaces} from './packing-places.ts';

/** The most blocks that are not tried between two that are. */
const longestPause = 32;
/** Blocks after which the level may change. */
const blocksPerLook = 4;
/** So many times as long as packing has to be all else before it is packed harder. */
const timesAsLong = 3;

type PackingMeans = {
  pack: (block: Buffer, level: PackingLevel) => Promise<Buffer>;
  /** A clock that goes on evenly. */
  nowMs: () => number;
};

export class Packer {
  readonly #places: PackingPlaces;
  readonly #peer: string;
  readonly #pack: PackingMeans['pack'];
  readonly #nowMs: PackingMeans['nowMs'];
  #content: string | undefined;
  /** Blocks that are left as they are before the next try, and after the next one that fails. */
  #left = 0;
  #pause = 1;
  #level: PackingLevel = 3;
  #lookedAtMs: number | undefined;
  #packingMs = 0;
  #packed = 0;

  /** @param peer the client's address. */
  constructor(
    places: PackingPlaces,
    peer: string,
    {pack = packBlock, nowMs = () => performance.now()}: Partial<PackingMeans> = {},
  ) {
    this.#places = places;
    this.#peer = peer;
    this.#pack = pack;
    this.#nowMs = nowMs;
  }

  /** Blocks of `content` follow, which is any name for it: what was found out of another does not hold. */
  begin(content: string): void {
    if (content !== this.#content) {
      this.#content = content;
      this.#left = 0;
      this.#pause = 1;
    }
  }

  /**
   * The bytes as which `block` is to travel; undefined if it had better go as it is. It must not change meanwhile.
   *
   * @throws JangadaError `aborted` when the client has left.
   */
  async pack(block: Buffer, signal: AbortSignal): Promise<Buffer | undefined> {
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

    let packed: Buffer;
    try {
      packed = await this.#pack(block, this.#level);
    } finally {
      leave();
    }

    this.#took(startMs, this.#lookedAtMs);
    if (packed.length > block.length - block.length / 16) {
      this.#left = this.#pause;
      this.#pause = Math.min(longestPause, this.#pause * 2);
      return undefined;
    }

    this.#pause = 1;
    return packed;
  }

  #took(startMs: number, lookedAtMs: number): void {
    const nowMs = this.#nowMs();
    this.#packingMs += nowMs - startMs;
    if (++this.#packed < blocksPerLook) {
      return;
    }

    const restMs = nowMs - lookedAtMs - this.#packingMs;
    const at = packingLevels.indexOf(this.#level);
    if (restMs > timesAsLong * this.#packingMs) {
      this.#level = packingLevels[at + 1] ?? this.#level;
    } else if (restMs < this.#packingMs) {
      this.#level = packingLevels[at - 1] ?? this.#level;
    }

    this.#lookedAtMs = nowMs;
    this.#packingMs = 0;
    this.#packed = 0;
  }
}
