/**
 * The file browser: one folder of the server at a time, read while it is shown. Leaving a folder
 * stops reading it; coming back finds the cursor where it was.
 */
import {baseName, parentOf, type RemotePath, rootPath} from '../../../../protocol/remote-path.ts';
import type {Repainter} from '../repainter.ts';
import type {Move} from '../viewport.ts';
import {CursorPlaces} from './cursor-places.ts';
import type {SortOrder} from './entry-table.ts';
import {type FilesView, FilesViewer, parentRow} from './files-view.ts';
import {FolderCursor} from './folder-cursor.ts';
import {type CurrentEntry, FolderListing} from './folder-listing.ts';
import {HeldKeys} from './held-keys.ts';
import type {ListingOptions} from './listing-work.ts';
import {
  hiddenEntries,
  hiddenMarks,
  invertVisible,
  markEntries,
  markRow,
  markVisible,
  toggleRow,
} from './mark-rows.ts';
import {type MarkedEntry, Marks} from './marks.ts';
import {FolderReader, type FolderSource} from './reading/folder-reader.ts';
import {Reread} from './reading/reread.ts';
import {Slices} from './slices.ts';

const noOptions: ListingOptions = {
  sort: {key: 'name', reverse: false},
  showHidden: false,
  filter: '',
};

export class Browser {
  readonly marks = new Marks();
  readonly #repainter: Repainter;
  readonly #places = new CursorPlaces();
  #listing = new FolderListing(rootPath, noOptions);
  readonly #reread = new Reread();
  #isOffline = false;
  #cursor = new FolderCursor(this.#listing, 1);
  #viewer = new FilesViewer();
  readonly #reader: FolderReader;
  readonly #held = new HeldKeys();
  readonly #slices = new Slices(
    () => this.#listing,
    () => this.#changed('soon'),
  );
  readonly #mostEntries: number | undefined;
  #room = 10;
  #view: FilesView | undefined;
  // As it was drawn last.
  #drawn: FilesView | undefined;

  /** @param bounds other ones than usual, for how long nothing may come, and how many entries are kept. */
  constructor(
    source: FolderSource,
    repainter: Repainter,
    bounds: {quietMs?: number; mostEntries?: number} = {},
  ) {
    this.#repainter = repainter;
    this.#mostEntries = bounds.mostEntries;
    this.#reader = new FolderReader(source, {
      changed: when => {
        this.#swap(this.#reread.takeEarly(this.#listing));
        this.#changed(when);
      },
      ended: () => this.#ended(),
      again: () => this.readOn(),
      quietMs: bounds.quietMs,
    });
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
    this.#reader.reset();
    this.#begin(path);
  }

  #begin(path: RemotePath): void {
    if (!this.#reader.isCut || this.#cursor.wasSent) {
      this.#places.keep(this.path, this.#cursor.place());
    }

    const filter = path === this.path ? this.filter : '';
    const options = {...this.#listing.options, filter};
    const listing = new FolderListing(path, options, this.#mostEntries);
    const shown = this.#reread.begin(this.#listing, listing, this.#isOffline);
    if (shown !== this.#listing) {
      this.#show(shown, options);
    }

    this.#reader.clear();
    this.#changed();
    this.#reader.read(listing);
  }

  #show(listing: FolderListing, options: ListingOptions): void {
    this.#listing = listing;
    this.#cursor = new FolderCursor(listing, this.#height, this.#places.get(listing.path));
    this.#viewer = new FilesViewer();
    this.#held.showsNothing();
    if (listing.options !== options) {
      listing.change(options);
      this.#slices.run();
    }
  }

  /** Show the folder as it was read again, with the cursor, the order and the filter of now. */
  #swap(next: FolderListing | undefined): void {
    if (next !== undefined) {
      this.#places.keep(this.path, this.#cursor.place());
      this.#show(next, this.#listing.options);
    }
  }

  #ended(): void {
    const {error, isCut} = this.#reader;
    if (!isCut) {
      this.#swap(this.#reread.take());
    }

    if (error !== undefined && !isCut) {
      // The entries that they were meant for may be those that did not come.
      this.#held.drop();
    }

    this.#changed();
    if (!isCut) {
      this.#cursor.stopWaiting();
    }

    this.#held.run(() => !this.#reader.isReading && !this.#reader.isCut);
  }

  /**
   * Perform the action of a key that is meant for an entry: on the entry that is shown under the
   * cursor, or else once the whole folder is here.
   */
  aim(action: () => void): void {
    if (this.#held.mustWait(this.#reader)) {
      this.#held.add(action);
      this.#changed();
      return;
    }

    const {shownRow} = this.#held;
    if (this.#reader.isReading && shownRow !== undefined) {
      this.#cursor.stayOn(shownRow);
    }

    action();
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

  /** The connection is lost, or is back. */
  linkChanged(isLost: boolean): void {
    if (isLost !== this.#isOffline) {
      this.#isOffline = isLost;
      this.#changed();
    }

    if (!isLost) {
      this.readOn();
    }
  }

  /** There is a connection: read the folder again if its own was lost while it was read. */
  readOn(): void {
    if (this.#reader.isCut) {
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

  /**
   * Move the cursor to the row that is drawn on `line`.
   *
   * @returns its name, empty on the way to the parent; undefined if there is none of this folder.
   */
  pointAt(line: number): string | undefined {
    const row = this.#drawn?.path === this.path ? this.#drawn.rows[line] : undefined;
    if (row === undefined) {
      return undefined;
    }

    const name = row === parentRow ? '' : baseName(row.path);
    this.#cursor.goTo(row === parentRow ? undefined : this.#listing.table.find(name));
    this.#changed();
    return name;
  }

  /** @param rows that the pane has room for. */
  resize(rows: number): void {
    if (rows !== this.#room) {
      this.#room = rows;
      this.#changed();
    }
  }

  get #note(): FilesView['note'] {
    return this.#listing.isFull ? 'full' : this.#reader.isQuiet ? 'quiet' : undefined;
  }

  /** Rows that are left for entries: complaints about the folder take lines below them. */
  get #height(): number {
    const {refused, visible} = this.#listing;
    const lines =
      (refused === undefined ? 0 : 1) +
      (this.#note === undefined ? 0 : 1) +
      (visible.size > 0 && (this.#isOffline || this.#reader.error !== undefined) ? 1 : 0);
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
    markVisible(this.marks, this.#listing);
    this.#changed();
  }

  /** Mark those that are shown and not marked, and unmark the others. */
  invertMarks(): void {
    invertVisible(this.marks, this.#listing);
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

  /** Marked entries of this folder that are not shown. */
  hiddenMarks(): MarkedEntry[] {
    return hiddenEntries(this.marks, this.#listing);
  }

  /** The folder that is shown, for those who look at all of its entries. */
  get listing(): FolderListing {
    return this.#listing;
  }

  /** Mark `entries` of any folders again. */
  restoreMarks(entries: readonly MarkedEntry[]): void {
    markEntries(this.marks, entries);
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
    this.#held.showsNothing();
    this.#listing.change({...this.#listing.options, ...options});
    this.#slices.run();
  }

  /** The entry under the cursor; undefined on the way to the parent or if there is none. */
  current(): CurrentEntry | undefined {
    const {row} = this.#cursor;
    return row === undefined ? undefined : this.#listing.entry(row);
  }

  /** Stop reading. */
  close(): void {
    this.#reader.close();
  }

  #changed(when: 'now' | 'soon' = 'now'): void {
    this.#cursor.settle(this.#height);
    this.#view = undefined;
    this.#repainter[when]();
  }

  /** The folder as data for the screen; the same object until something changes. */
  view(): FilesView {
    // What a lost connection has cut goes on by itself.
    const goesOn = this.#isOffline && this.#reader.isCut;
    this.#view ??= this.#viewer.view({
      listing: this.#listing,
      cursor: this.#cursor,
      marks: this.marks,
      loading: this.#reader.isReading || goesOn,
      isOffline: this.#isOffline,
      heldKeys: this.#held.count,
      error: goesOn ? undefined : this.#reader.error,
      note: this.#note,
    });
    this.#drawn = this.#view;
    if (this.#listing.visible.size > 0) {
      this.#held.showed(this.#cursor.row);
    }

    return this.#view;
  }
}
