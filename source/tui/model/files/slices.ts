/** Sorts and filters for a few milliseconds at a time, with keys and pictures between. */
import type {FolderListing} from './folder-listing.ts';

const sliceMs = 6;

export class Slices {
  readonly #listing: () => FolderListing;
  readonly #changed: () => void;
  #waiting = false;

  /**
   * @param listing the listing on the screen: work for another listing is dropped.
   * @param changed is called after each slice.
   */
  constructor(listing: () => FolderListing, changed: () => void) {
    this.#listing = listing;
    this.#changed = changed;
  }

  run(): void {
    this.#listing().work(performance.now() + sliceMs);
    this.#changed();
    if (this.#listing().working && !this.#waiting) {
      this.#waiting = true;
      setImmediate(() => {
        this.#waiting = false;
        if (this.#listing().working) {
          this.run();
        }
      });
    }
  }
}
