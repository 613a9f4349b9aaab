/**
 * Keeps the results of the last search for a while: the same words in the same folder get them at once. When the user
 * refreshes the search on the screen, the server searches again.
 */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {Client} from '../../../client/client.ts';
import type {FoundBatch} from '../../../transfers/download/search.ts';
import {findInTree, mostFound} from './tree-search.ts';

const keptMs = 120_000;

type Found = {
  readonly path: RemotePath;
  /** The masks of the search that took these results last. */
  masks: readonly string[];
  readonly batches: readonly FoundBatch[];
  /** The time of the search, by the clock. */
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
   * @param masks the same array means the same search, which is refreshed; another array with the same masks means that
   * the user typed them again.
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

    // If some places could not be searched, the same words may find more soon.
    if (isWhole && count <= mostFound) {
      this.#last = {path, masks, batches, atMs: this.#now()};
    }
  }
}
