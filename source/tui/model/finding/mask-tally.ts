/**
 * Counts the entries of one folder that a mask matches, for a few milliseconds at a time: a folder may have millions,
 * and the mask changes with each key.
 */
import {mayBeNames} from '../../../../protocol/masks/literal-masks.ts';
import {baseName} from '../../../../protocol/remote-path.ts';
import {BoundedJudge} from '../../../transfers/download/bounded-judge.ts';
import type {FolderListing} from '../files/folder-listing.ts';
import type {Repainter} from '../repainter.ts';

const sliceMs = 6;
/** Entries between two looks at the clock. */
const step = 64;

export class MaskTally {
  readonly listing: FolderListing;
  /** Rows of `listing` that are visible and match. */
  readonly rows: number[] = [];
  /** Resolves when all rows are counted. Rejects with `bad_mask` for an invalid mask. */
  readonly done: Promise<void>;
  #bytes = 0;
  #error: unknown;
  #isDone = false;
  #isStopped = false;

  constructor(mask: string, listing: FolderListing, repainter: Repainter) {
    this.listing = listing;
    this.done = this.#count(mask, repainter);
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

  async #count(mask: string, repainter: Repainter): Promise<void> {
    const judge = new BoundedJudge([mask]);
    const {table, visible} = this.listing;
    const mayBeName = mayBeNames([mask]);
    const named: number[] = [];
    let deadline = performance.now() + sliceMs;
    let looked = 0;
    // A copy, because rows that arrive meanwhile would move the positions.
    for (const row of visible.copy()) {
      const type = table.type(row);
      if (type !== 'other') {
        const name = nameFor(mask, table.name(row));
        if (mayBeName && name === mask) {
          named.push(row);
        }

        if (judge.matches(name, type)) {
          this.rows.push(row);
          this.#bytes += table.bytes(row);
        }
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

    if (named.length > 0) {
      // A mask that is the exact name of something means only that.
      this.rows.splice(0, this.rows.length, ...named);
      this.#bytes = named.reduce((sum, row) => sum + table.bytes(row), 0);
    }

    this.#isDone = true;
    repainter.soon();
  }
}

/** In search results, a mask without a slash is matched against the last name of each path. */
function nameFor(mask: string, path: string): string {
  return mask.includes('/') ? path : baseName(path);
}
