import type {FolderListing} from '../folder-listing.ts';

/** Entries of a folder that is shown until all of it is read again: two listings of a larger one would take too much memory. */
const mostShown = 50_000;

/** The folder on the screen as it is read once more: the one that was read before is shown meanwhile. */
export class Reread {
  #next: FolderListing | undefined;

  /** @returns whether `shown` stays on the screen while `next` is read. */
  begin(shown: FolderListing, next: FolderListing): boolean {
    const isFolder = shown.search === undefined && next.search === undefined;
    const stays = isFolder && shown.path === next.path && shown.table.size > 0;
    this.#next = stays ? next : undefined;
    return stays;
  }

  /** The new one once it has to be shown though it is still read; undefined before. */
  takeEarly(shown: FolderListing): FolderListing | undefined {
    const isEarly = shown.table.size > mostShown && (this.#next?.table.size ?? 0) > 0;
    return isEarly ? this.take() : undefined;
  }

  /** The new one, whatever is read of it; undefined if there is none. */
  take(): FolderListing | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next;
  }
}
