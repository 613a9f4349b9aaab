import type {RemotePath} from '../../../../../protocol/remote-path.ts';
import type {FolderListing} from '../folder-listing.ts';

/** Entries of a folder that is shown until all of it is read again: two listings of a larger one would take too much memory. */
const mostShown = 50_000;

/** Folders that were left are kept to be shown without a connection: so many, none of them longer. */
const mostLeft = {folders: 16, entries: 20_000};

/** Folders that are read once more: what was read of them before is shown meanwhile. */
export class Reread {
  #next: FolderListing | undefined;
  /** The one that was left last stands last. */
  readonly #left = new Map<RemotePath, FolderListing>();

  /** @returns the listing to show while `next` is read: one of the same folder, or itself. */
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
