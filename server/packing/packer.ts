/**
 * Decides for one connection which blocks are packed, and how hard.
 *
 *     block ─► try? ─► place ─► pack ─► smaller by a sixteenth? ─► goes packed
 *               no      none             no: fewer tries from now on
 *                └───────┴───────────────┴─────────────────────► goes as it is
 *
 * Content that is compressed already is found out by trying, and tried ever more seldom. While most of the time
 * passes with other things than packing, the client's link is what takes long: then it is packed harder, and less hard
 * where packing is what takes long, for example because other clients wait for the same places. Where it cannot be done
 * any faster, and is very slow, some blocks go as they are: so the client sees what its link can do.
 */
import type {Buffer} from 'node:buffer';
import {type PackingLevel, packBlock, packingLevels} from './pack-block.ts';
import type {PackingPlaces} from './packing-places.ts';

/** The most blocks that are not tried between two that are. */
const longestPause = 32;
/** Blocks after which the level may change. */
const blocksPerLook = 4;
/** A machine that takes so long for a block packs 16 MB a second for a client with four connections. */
const verySlowMs = 250;
/** Blocks that such a machine sends as they are, before it packs again. */
const blocksUnpacked = 8;
/** So many times as long as packing has to be all else before it is packed harder. */
const timesAsLong = 3;

type PackingMeans = {
  pack: typeof packBlock;
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
   * Put the bytes as which `block` is to travel into the front of `room`, which may be the same memory. Neither must
   * change meanwhile.
   *
   * @returns the number of these bytes; undefined if the block had better go as it is. Then it is unchanged.
   * @throws JangadaError `aborted` when the client has left.
   */
  async pack(block: Buffer, room: Buffer, signal: AbortSignal): Promise<number | undefined> {
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
      length = await this.#pack(block, this.#level, room.subarray(0, most));
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
    this.#packingMs += nowMs - startMs;
    if (++this.#packed < blocksPerLook) {
      return;
    }

    const restMs = nowMs - lookedAtMs - this.#packingMs;
    const at = packingLevels.indexOf(this.#level);
    if (restMs > timesAsLong * this.#packingMs) {
      this.#level = packingLevels[at + 1] ?? this.#level;
    } else if (restMs < this.#packingMs && at > 0) {
      this.#level = packingLevels[at - 1] ?? this.#level;
    } else if (restMs < this.#packingMs / 2 && this.#packingMs > verySlowMs * blocksPerLook) {
      this.#left = blocksUnpacked;
    }

    this.#lookedAtMs = nowMs;
    this.#packingMs = 0;
    this.#packed = 0;
  }
}
