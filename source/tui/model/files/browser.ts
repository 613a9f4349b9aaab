/**
 * The file browser: one folder of the server at a time, read while it is shown. Leaving a folder
 * stops reading it; coming back finds the cursor where it was.
 */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import {isJangadaError, isTransient} from '../../../../protocol/errors.ts';
import type {Entry, EntryType} from '../../../../protocol/messages.ts';
import {
  baseName,
  joinRemotePath,
  parentOf,
  type RemotePath,
  rootPath,
} from '../../../../protocol/remote-path.ts';
import type {Repainter} from '../repainter.ts';
import type {Move} from '../viewport.ts';
import {CursorPlaces} from './cursor-places.ts';
import type {SortOrder} from './entry-table.ts';
import {type FilesView, FilesViewer} from './files-view.ts';
import {FolderCursor} from './folder-cursor.ts';
import {FolderListing} from './folder-listing.ts';
import {HeldKeys} from './held-keys.ts';
import type {ListingOptions} from './listing-work.ts';
import {hiddenMarks, markRow, toggleRow, visibleRows} from './mark-rows.ts';
import {type MarkedEntry, Marks} from './marks.ts';
import {QuietWatch} from './quiet-watch.ts';
import {ReadAgain} from './read-again.ts';

/** The server, as far as folders are read from it. */
type FolderSource = {
  /** Entries of a folder in batches, as `Client.list` gives them. */
  list(path: RemotePath, options: {signal: AbortSignal}): AsyncIterable<readonly Entry[]>;
  /** Whether there is a connection. */
  isConnected(): boolean;
};

/** The entry under the cursor. */
export type CurrentEntry = Omit<MarkedEntry, 'type'> & {readonly type: EntryType};

const sliceMs = 6;
const noOptions: ListingOptions = {
  sort: {key: 'name', reverse: false},
  showHidden: false,
  filter: '',
};

export class Browser {
  readonly marks = new Marks();
  readonly #source: FolderSource;
  readonly #repainter: Repainter;
  readonly #places = new CursorPlaces();
  #listing = new FolderListing(rootPath, noOptions);
  #cursor = new FolderCursor(this.#listing, 1);
  #viewer = new FilesViewer();
  #reading: AbortController | undefined;
  #error: DisplayText | undefined;
  // Whether the error is the link's: then the folder is read again, at once over another connection
  // if there is one, or else once the link is back.
  #isCut = false;
  readonly #again = new ReadAgain(() => {
    if (this.#source.isConnected()) {
      this.readOn();
    }
  });
  readonly #quiet: QuietWatch;
  readonly #mostEntries: number | undefined;
  #room = 10;
  #slicing = false;
  readonly #held = new HeldKeys();
  // The row under the cursor when entries of the folder were shown last; undefined before that.
  #shown: {readonly row: number | undefined} | undefined;
  #view: FilesView | undefined;

  /** @param bounds other ones than usual, for how long nothing may come, and how many entries are kept. */
  constructor(
    source: FolderSource,
    repainter: Repainter,
    bounds: {quietMs?: number; mostEntries?: number} = {},
  ) {
    this.#source = source;
    this.#repainter = repainter;
    this.#quiet = new QuietWatch(() => this.#changed(), bounds.quietMs);
    this.#mostEntries = bounds.mostEntries;
  }

  get path(): RemotePath {
    return this.#listing.path;
  }

  get filter(): string {
    return this.#listing.options.filter;
  }

  get sort(): SortOrder {
    return this.#listing.options.sort;
  }

  /** Show `path`; the reading of the folder before is stopped. */
  open(path: RemotePath): void {
    this.#again.reset();
    this.#begin(path);
  }

  #begin(path: RemotePath): void {
    this.#again.begun();
    if (!this.#isCut || this.#cursor.wasSent) {
      this.#places.keep(this.path, this.#cursor.place());
    }

    const filter = path === this.path ? this.filter : '';
    const options = {...this.#listing.options, filter};
    this.#listing = new FolderListing(path, options, this.#mostEntries);
    this.#cursor = new FolderCursor(this.#listing, this.#height, this.#places.get(path));
    this.#viewer = new FilesViewer();
    this.#shown = undefined;
    this.#error = undefined;
    this.#isCut = false;
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    this.#quiet.heard();
    this.#changed();
    void this.#read(this.#listing, reading);
  }

  async #read(listing: FolderListing, reading: AbortController): Promise<void> {
    const {signal} = reading;
    try {
      for await (const entries of this.#source.list(listing.path, {signal})) {
        if (signal.aborted) {
          return;
        }

        listing.add(entries);
        this.#quiet.heard();
        this.#changed('soon');
        if (listing.isFull) {
          break;
        }
      }

      this.#again.reset();
    } catch (error) {
      if (signal.aborted || isJangadaError(error, 'aborted')) {
        return;
      }

      this.#error = displayName(error instanceof Error ? error.message : String(error));
      this.#isCut = isTransient(error);
      if (this.#isCut) {
        this.#again.cut();
      } else {
        // The entries that they were meant for may be those that did not come.
        this.#held.drop();
      }
    }

    if (this.#reading === reading) {
      this.#reading = undefined;
      this.#quiet.stop();
      this.#changed();
      if (!this.#isCut) {
        this.#cursor.stopWaiting();
      }

      this.#held.run(() => this.#reading === undefined && !this.#isCut);
    }
  }

  /**
   * Perform the action of a key that is meant for an entry: on the entry that is shown under the
   * cursor, or else once the whole folder is here. Which is the first entry, or the third, nobody
   * knows before that.
   */
  aim(action: () => void): void {
    if (this.#awaited) {
      this.#held.add(action);
      this.#changed();
      return;
    }

    if (this.#reading !== undefined && this.#shown?.row !== undefined) {
      this.#cursor.stayOn(this.#shown.row);
    }

    action();
  }

  /** Whether keys have to wait: nothing was shown that they could be meant for, or keys before them wait. */
  get #awaited(): boolean {
    return this.#held.count > 0
      ? this.#reading !== undefined || this.#isCut
      : this.#reading !== undefined && this.#shown === undefined;
  }

  /** Forget the keys that wait. @returns whether there were any. */
  dropHeld(): boolean {
    const dropped = this.#held.drop();
    if (dropped) {
      this.#changed();
    }

    return dropped;
  }

  /** Read the folder anew; marks and the cursor stay. */
  refresh(): void {
    this.open(this.path);
  }

  /** There is a connection: read the folder again if its own was lost while it was read. */
  readOn(): void {
    if (this.#isCut) {
      this.#begin(this.path);
    }
  }

  /** Open the folder under the cursor, or the parent. @returns whether it was one. */
  enter(): boolean {
    if (this.#cursor.onParent) {
      return this.leave();
    }

    const entry = this.current();
    if (entry?.type === 'folder') {
      this.open(entry.path);
      return true;
    }

    return false;
  }

  /** Open the parent, with the cursor on the folder that was left. @returns false in the root. */
  leave(): boolean {
    if (this.path === rootPath) {
      return false;
    }

    // Keys that wait for this folder are not meant for its parent.
    this.#held.drop();
    const parent = parentOf(this.path);
    const line = this.#places.get(parent)?.line ?? Math.floor(this.#height / 3);
    this.#places.keep(parent, {name: baseName(this.path), line});
    this.open(parent);
    return true;
  }

  move(move: Move): void {
    this.#cursor.move(move);
    this.#changed();
  }

  /** @param rows that the pane has room for. */
  resize(rows: number): void {
    if (rows !== this.#room) {
      this.#room = rows;
      this.#changed();
    }
  }

  get #note(): FilesView['note'] {
    return this.#listing.isFull ? 'full' : this.#quiet.isQuiet ? 'quiet' : undefined;
  }

  /** Rows that are left for entries: complaints about the folder take lines below them. */
  get #height(): number {
    const {refused, visible} = this.#listing;
    const lines =
      (refused === undefined ? 0 : 1) +
      (this.#note === undefined ? 0 : 1) +
      (this.#error === undefined || visible.size === 0 ? 0 : 1);
    return Math.max(1, this.#room - lines);
  }

  /** Mark or unmark the entry under the cursor, and go on to the next. */
  toggleMark(): void {
    const {row} = this.#cursor;
    if (row !== undefined) {
      toggleRow(this.marks, this.#listing, row);
    }

    this.move({by: 'row', count: 1});
  }

  /** Mark all that are shown. */
  markAll(): void {
    for (const row of visibleRows(this.#listing)) {
      markRow(this.marks, this.#listing, row);
    }

    this.#changed();
  }

  /** Mark those that are shown and not marked, and unmark the others. */
  invertMarks(): void {
    for (const row of visibleRows(this.#listing)) {
      toggleRow(this.marks, this.#listing, row);
    }

    this.#changed();
  }

  /** Mark or unmark `rows` of the folder that is shown. */
  markRows(rows: Iterable<number>, deed: 'mark' | 'unmark'): void {
    for (const row of rows) {
      if (deed === 'mark') {
        markRow(this.marks, this.#listing, row);
      } else {
        this.marks.unmark(this.path, this.#listing.table.name(row));
      }
    }

    this.#changed();
  }

  /** Entries that are shown, all, and marks of those that are not shown: undefined for too many to count. */
  counts(): {shown: number; total: number; hiddenMarks: number | undefined} {
    const {visible, table} = this.#listing;
    const hidden = hiddenMarks(this.marks, this.#listing);
    return {shown: visible.size, total: table.size, hiddenMarks: hidden};
  }

  /** The folder that is shown, for those who look at all of its entries. */
  get listing(): FolderListing {
    return this.#listing;
  }

  /** Mark `entries` of any folders again. */
  restoreMarks(entries: readonly MarkedEntry[]): void {
    for (const {path, ...value} of entries) {
      this.marks.mark(parentOf(path), baseName(path), value);
    }

    this.#changed();
  }

  clearMarks(): void {
    this.marks.clear();
    this.#changed();
  }

  /** Show only names that contain `text`, in any case. */
  setFilter(text: string): void {
    this.#change({filter: text});
  }

  toggleHidden(): void {
    this.#change({showHidden: !this.#listing.options.showHidden});
  }

  setSort(sort: SortOrder): void {
    this.#change({sort});
  }

  #change(options: Partial<ListingOptions>): void {
    this.#cursor.hold();
    this.#shown = undefined;
    this.#listing.change({...this.#listing.options, ...options});
    this.#workInSlices();
  }

  /** Sort and filter a few milliseconds at a time, with keys and pictures between. */
  #workInSlices(): void {
    this.#listing.work(performance.now() + sliceMs);
    this.#changed('soon');
    if (this.#listing.working && !this.#slicing) {
      this.#slicing = true;
      setImmediate(() => {
        this.#slicing = false;
        if (this.#listing.working) {
          this.#workInSlices();
        }
      });
    }
  }

  /** The entry under the cursor; undefined on the way to the parent or if there is none. */
  current(): CurrentEntry | undefined {
    const {row} = this.#cursor;
    if (row === undefined) {
      return undefined;
    }

    const {table} = this.#listing;
    return {
      path: joinRemotePath(this.path, table.name(row)),
      type: table.type(row),
      size: table.bytes(row),
      mtimeMs: table.mtimeMs(row),
    };
  }

  /** Stop reading. */
  close(): void {
    this.#again.reset();
    this.#quiet.stop();
    this.#reading?.abort();
    this.#reading = undefined;
  }

  #changed(when: 'now' | 'soon' = 'now'): void {
    this.#cursor.settle(this.#height);
    this.#view = undefined;
    this.#repainter[when]();
  }

  /** The folder as data for the screen; the same object until something changes. */
  view(): FilesView {
    this.#view ??= this.#viewer.view({
      listing: this.#listing,
      cursor: this.#cursor,
      marks: this.marks,
      loading: this.#reading !== undefined,
      heldKeys: this.#held.count,
      error: this.#error,
      note: this.#note,
    });
    if (this.#listing.visible.size > 0) {
      this.#shown = {row: this.#cursor.row};
    }

    return this.#view;
  }
}
