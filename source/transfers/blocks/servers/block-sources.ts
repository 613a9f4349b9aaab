/** Which of several servers has given each block of a file, so that wrong ones can be laid at its door. */
import type {Buffer} from 'node:buffer';
import type {Address} from '../../../../protocol/address.ts';
import {digestSize} from '../../../../protocol/block.ts';

const nobody = 255;

export class BlockSources {
  readonly #servers: readonly Address[];
  /** For each block the index of its server. */
  readonly #sources: Uint8Array;

  /** @param servers fewer than 255, the main one first. @param count of blocks. */
  constructor(servers: readonly Address[], count: number) {
    this.#servers = servers;
    // Nobody asks about a single one.
    this.#sources = new Uint8Array(servers.length > 1 ? count : 0).fill(nobody);
  }

  set(block: number, server: Address): void {
    if (this.#sources.length > 0) {
      this.#sources[block] = this.#servers.indexOf(server);
    }
  }

  /** The servers, other than the main one, of the blocks whose digests in `here` are not those in `there`. */
  ofWrong(here: Buffer, there: Buffer): readonly Address[] {
    const wrong = new Set<number>();
    for (const [block, source] of this.#sources.entries()) {
      const at = block * digestSize;
      if (
        source > 0 &&
        source !== nobody &&
        here.compare(there, at, at + digestSize, at, at + digestSize) !== 0
      ) {
        wrong.add(source);
      }
    }

    return this.#servers.filter((_, index) => wrong.has(index));
  }
}
