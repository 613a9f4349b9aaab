/**
 * Keeps for a while what the last search has found: the same words in the same folder find it at once. It is read
 * again when the search that is on the screen is refreshed.
 */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {Client} from '../../../client/client.ts';
import type {FoundBatch} from '../../../transfers/download/search.ts';
import {findInTree, mostFound} from './tree-search.ts';

const keptMs = 120_000;

type Found = {
  readonly path: RemotePath;
  /** Of the search that was told of it last. */
  masks: readonly string[];
  readonly batches: readonly FoundBatch[];
  /** By the clock. */
  readonly atMs: number;
};

export class FoundMemory {
  readonly #client: Pick<Client, 'find'>;
  readonly #now: () => number;
  #last: Found | undefined;

  /** @param now a clock in milliseconds. Default: that of the process. */
  constructor(client: Pick<Client, 'find'>, now = () => performance.now()) {
    this.#client = client;
    this.#now = now;
  }

  /**
   * As `findInTree`.
   *
   * @param masks the same array is the same search, which is refreshed: another one with the same masks was typed anew.
   */
  async *find(
    path: RemotePath,
    masks: readonly string[],
    {signal}: {signal: AbortSignal},
  ): AsyncGenerator<FoundBatch> {
    const last = this.#last;
    const isKept =
      last?.path === path &&
      last.masks !== masks &&
      last.masks.join('\0') === masks.join('\0') &&
      this.#now() - last.atMs < keptMs;
    if (isKept) {
      last.masks = masks;
      yield* last.batches;
      return;
    }

    this.#last = undefined;
    const batches: FoundBatch[] = [];
    let count = 0;
    let isWhole = true;
    for await (const batch of findInTree(this.#client, {path, masks, signal})) {
      count += batch.entries.length + batch.refused.length;
      isWhole &&= batch.unsearched.length + batch.moreUnsearched === 0;
      if (count <= mostFound) {
        batches.push(batch);
      }

      yield batch;
    }

    // Of places that could not be searched the same words may find more in a moment.
    if (isWhole && count <= mostFound) {
      this.#last = {path, masks, batches, atMs: this.#now()};
    }
  }
}
