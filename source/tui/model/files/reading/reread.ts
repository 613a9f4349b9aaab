import type {RemotePath} from '../../../../../protocol/remote-path.ts';
import type {FolderListing} from '../folder-listing.ts';

/**
 * Most entries of a folder that stay on the screen until all of it is read again: two listings of a larger folder would
 * take too much memory.
 */
const mostShown = 50_000;

/**
 * Folders that were left are kept, so that they can be shown without a connection: at most so many, each with at most
 * so many entries.
 */
const mostLeft = {folders: 16, entries: 20_000};

/** Folders that are read again: the entries of the earlier reading are shown meanwhile. */
export class Reread {
  #next: FolderListing | undefined;
  /** The folder that was left last is the last key. */
  readonly #left = new Map<RemotePath, FolderListing>();

  /** @returns the listing to show while `next` is read: an earlier one of the same folder, or `next` itself. */
  begin(shown: FolderListing, next: FolderListing, isOffline: boolean): FolderListing {
    this.#keep(shown);
    const before = next.search === undefined ? this.#before(shown, next, isOffline) : undefined;
    this.#next = before === undefined ? undefined : next;
    return before ?? next;
  }

  #before(shown: FolderListing, next: FolderListing, isOffline: boolean) {
    const isSame = shown.search === undefined && shown.path === next.path && shown.table.size > 0;
    return isSame ? shown : isOffline ? this.#left.get(next.path) : undefined;
  }

  #keep(left: FolderListing): void {
    const {size} = left.table;
    if (left.search === undefined && size > 0 && size <= mostLeft.entries) {
      this.#left.delete(left.path);
      this.#left.set(left.path, left);
      const [oldest] = this.#left.keys();
      if (oldest !== undefined && this.#left.size > mostLeft.folders) {
        this.#left.delete(oldest);
      }
    }
  }

  /** The new listing if it has to be shown before it is complete; else undefined. */
  takeEarly(shown: FolderListing): FolderListing | undefined {
    const isEarly = shown.table.size > mostShown && (this.#next?.table.size ?? 0) > 0;
    return isEarly ? this.take() : undefined;
  }

  /** The new listing, however much of it is read; undefined if there is none. */
  take(): FolderListing | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next;
  }
}
