/**
 * The entries of one folder that a mask matches, counted a few milliseconds at a time: a folder may
 * have millions, and the mask changes with each key.
 */
import {baseName} from '../../../../protocol/remote-path.ts';
import {BoundedJudge} from '../../../transfers/download/bounded-judge.ts';
import type {FolderListing} from '../files/folder-listing.ts';
import type {Repainter} from '../repainter.ts';

const sliceMs = 6;
/** Entries between two looks at the clock. */
const step = 64;

export class MaskTally {
  /** Rows that match, of those that are shown. */
  readonly rows: number[] = [];
  /** Resolves when all are counted. Rejects with `bad_mask` for a mask that is none. */
  readonly done: Promise<void>;
  #bytes = 0;
  #error: unknown;
  #isDone = false;
  #isStopped = false;

  constructor(mask: string, listing: FolderListing, repainter: Repainter) {
    this.done = this.#count(mask, listing, repainter);
    // The error is kept for those who look later.
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
    // Rows that come meanwhile would move those that are looked at.
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

/** A mask without a slash is for the name alone of what a search has found in any folder. */
function nameFor(mask: string, path: string): string {
  return mask.includes('/') ? path : baseName(path);
}
