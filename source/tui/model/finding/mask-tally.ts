/**
 * Counts the entries of one folder that a mask matches, for a few milliseconds at a time: a folder may have millions,
 * and the mask changes with each key.
 */
import {baseName} from '../../../../protocol/remote-path.ts';
import {BoundedJudge} from '../../../transfers/download/bounded-judge.ts';
import type {FolderListing} from '../files/folder-listing.ts';
import type {Repainter} from '../repainter.ts';

const sliceMs = 6;
/** Entries between two looks at the clock. */
const step = 64;

export class MaskTally {
  /** Visible rows that match. */
  readonly rows: number[] = [];
  /** Resolves when all rows are counted. Rejects with `bad_mask` for an invalid mask. */
  readonly done: Promise<void>;
  #bytes = 0;
  #error: unknown;
  #isDone = false;
  #isStopped = false;

  constructor(mask: string, listing: FolderListing, repainter: Repainter) {
    this.done = this.#count(mask, listing, repainter);
    // The error is kept for later calls of `error`.
    this.done.catch(error => {
      this.#error = error;
      repainter.now();
    });
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Why nothing is counted. */
  get error(): unknown {
    return this.#error;
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #count(mask: string, listing: FolderListing, repainter: Repainter): Promise<void> {
    const judge = new BoundedJudge([mask]);
    const {table} = listing;
    let deadline = performance.now() + sliceMs;
    let looked = 0;
    // A copy, because rows that arrive meanwhile would move the positions.
    for (const row of listing.visible.copy()) {
      const type = table.type(row);
      if (type !== 'other' && judge.matches(nameFor(mask, table.name(row)), type)) {
        this.rows.push(row);
        this.#bytes += table.bytes(row);
      }

      if (++looked % step === 0 && performance.now() >= deadline) {
        repainter.soon();
        await new Promise(resolve => {
          setImmediate(resolve);
        });
        if (this.#isStopped) {
          return;
        }

        deadline = performance.now() + sliceMs;
      }
    }

    this.#isDone = true;
    repainter.soon();
  }
}

/** In search results, a mask without a slash is matched against the last name of each path. */
function nameFor(mask: string, path: string): string {
  return mask.includes('/') ? path : baseName(path);
}
