/** Remembers which of several servers sent each block of a file, so that wrong blocks can be traced to their server. */
import type {Buffer} from 'node:buffer';
import type {Address} from '../../../../protocol/address.ts';
import {digestSize} from '../../../../protocol/block.ts';

export class BlockSources {
  readonly #servers: readonly Address[];
  /** For each block, the index of its server; 0 also for a block that no server has sent. */
  readonly #sources: Uint8Array;

  /** @param servers at most 256, the main one first. @param count number of blocks. */
  constructor(servers: readonly Address[], count: number) {
    this.#servers = servers;
    // With a single server the question never comes up.
    this.#sources = new Uint8Array(servers.length > 1 ? count : 0);
  }

  set(block: number, server: Address): void {
    if (this.#sources.length > 0) {
      this.#sources[block] = this.#servers.indexOf(server);
    }
  }

  /** The servers (without the main one) that sent a block whose digest in `here` differs from the one in `there`. */
  ofWrong(here: Buffer, there: Buffer): readonly Address[] {
    const wrong = new Set<number>();
    for (const [block, source] of this.#sources.entries()) {
      const at = block * digestSize;
      if (source > 0 && here.compare(there, at, at + digestSize, at, at + digestSize) !== 0) {
        wrong.add(source);
      }
    }

    return this.#servers.filter((_, index) => wrong.has(index));
  }
}
