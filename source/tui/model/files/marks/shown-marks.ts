/** The marks of the browser, and the keys that change them in the folder on the screen. */
import type {FolderListing} from '../folder-listing.ts';
import {
  hiddenEntries,
  hiddenMarks,
  invertVisible,
  markEntries,
  markVisible,
  toggleRow,
} from './mark-rows.ts';
import {type MarkedEntry, Marks} from './marks.ts';

export class ShownMarks {
  /** Marks in all folders. */
  readonly all = new Marks();
  readonly #listing: () => FolderListing;
  readonly #changed: () => void;

  /** @param listing the folder that is shown. */
  constructor(listing: () => FolderListing, changed: () => void) {
    this.#listing = listing;
    this.#changed = changed;
  }

  /** Mark or unmark the entry in a row. */
  toggle(row: number): void {
    toggleRow(this.all, this.#listing(), row);
    this.#changed();
  }

  /** Mark all entries that are shown. */
  markShown(): void {
    markVisible(this.all, this.#listing());
    this.#changed();
  }

  /** Mark the entries that are shown and not marked, and unmark the others. */
  invert(): void {
    invertVisible(this.all, this.#listing());
    this.#changed();
  }

  /** Mark or unmark `rows` of `listing`. The folder that is shown may have been read again since they were counted. */
  markRows(
    {listing, rows}: {readonly listing: FolderListing; readonly rows: readonly number[]},
    deed: 'mark' | 'unmark',
  ): void {
    if (deed === 'mark') {
      this.all.markRows(listing, {rows, count: rows.length});
    } else {
      this.all.unmarkRows(listing, rows);
    }

    this.#changed();
  }

  /**
   * Numbers of shown entries, of all entries, and of marks that are not shown (undefined if they are too many to
   * count).
   */
  counts(): {shown: number; total: number; hiddenMarks: number | undefined} {
    const listing = this.#listing();
    const hidden = hiddenMarks(this.all, listing);
    return {shown: listing.visible.size, total: listing.table.size, hiddenMarks: hidden};
  }

  /** Marked entries of the folder that are not shown. */
  hidden(): MarkedEntry[] {
    return hiddenEntries(this.all, this.#listing());
  }

  /** Mark `entries` of any folders again. */
  restore(entries: readonly MarkedEntry[]): void {
    markEntries(this.all, entries);
    this.#changed();
  }

  clear(): void {
    this.all.clear();
    this.#changed();
  }
}
