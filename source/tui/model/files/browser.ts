/**
 * The file browser: one folder of the server at a time, shown while it is read. Leaving a folder stops reading it;
 * coming back restores the cursor.
 */
import {baseName, parentOf, type RemotePath, rootPath} from '../../../../protocol/remote-path.ts';
import type {TreeSearch} from '../finding/tree-search.ts';
import type {Repainter} from '../repainter.ts';
import type {Move} from '../viewport.ts';
import {CursorPlaces} from './cursor-places.ts';
import {type FilesView, FilesViewer, parentRow} from './files-view.ts';
import {type CursorPlace, FolderCursor} from './folder-cursor.ts';
import {type CurrentEntry, FolderListing} from './folder-listing.ts';
import {HeldKeys} from './held-keys.ts';
import {firstOptions, isHidden, type ListingOptions} from './listing-work.ts';
import type {Marks} from './marks/marks.ts';
import {ShownMarks} from './marks/shown-marks.ts';
import {folderNote, noteLines} from './reading/folder-notes.ts';
import {FolderReader, type FolderSource} from './reading/folder-reader.ts';
import {Reread} from './reading/reread.ts';
import {Slices} from './slices.ts';

export class Browser {
  readonly marking = new ShownMarks(
    () => this.#listing,
    () => this.#changed(),
  );
  readonly #repainter: Repainter;
  readonly #places = new CursorPlaces();
  #listing = new FolderListing(rootPath, firstOptions);
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
  // The listing options of the folder before the search.
  #before: ListingOptions = firstOptions;
  #isStopped = false;
  #room = 10;
  #view: FilesView | undefined;
  // The view as it was drawn last.
  #drawn: FilesView | undefined;

  /** @param bounds other limits than usual: how long the server may send nothing, and how many entries are kept. */
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

  /** Marks in all folders. */
  get marks(): Marks {
    return this.marking.all;
  }

  /** The search whose entries are shown; undefined for a folder. */
  get search(): TreeSearch | undefined {
    return this.#listing.search;
  }

  /** Which names are shown, and in which order. */
  get options(): ListingOptions {
    return this.#listing.options;
  }

  /** Show `path`, and stop reading the previous folder. */
  open(path: RemotePath): void {
    this.#reader.reset();
    this.#begin(path);
  }

  /** Show `path` in its folder, with the cursor on it; no filter hides it there. */
  openAt(path: RemotePath): void {
    const [parent, name] = [parentOf(path), baseName(path)];
    this.#reader.reset();
    this.#keepPlace();
    this.#places.keep(parent, {name, line: Math.floor(this.#height / 3)});
    const {showHidden} = this.#folderOptions;
    const {sort} = this.#listing.options;
    this.#read(parent, {sort, filter: '', showHidden: showHidden || isHidden(name)});
  }

  /** Show what `search` finds below the folder on the screen, while it finds it. */
  find(search: TreeSearch): void {
    // Keys that wait for this folder are not meant for what is found.
    this.#held.drop();
    this.#reader.reset();
    this.#begin(this.path, search);
  }

  /** Stop a search that runs; its results stay. @returns whether one ran. */
  stopSearch(): boolean {
    const {isReading, isCut} = this.#reader;
    const stops = this.search !== undefined && (isReading || isCut);
    if (stops) {
      this.#isStopped = true;
      this.#held.drop();
      this.#reader.stop();
      this.#changed();
    }

    return stops;
  }

  #begin(path: RemotePath, search?: TreeSearch): void {
    this.#keepPlace();
    const {options} = this.#listing;
    this.#before = this.#folderOptions;
    if (search === undefined) {
      const {filter, showHidden} = this.#before;
      this.#read(path, {sort: options.sort, showHidden, filter: path === this.path ? filter : ''});
    } else if (search === this.search) {
      this.#read(path, options, search, this.#cursor.place());
    } else {
      this.#read(path, {...options, filter: '', showHidden: true}, search);
    }
  }

  /** How folders are shown, also while a search is shown. */
  get #folderOptions(): ListingOptions {
    return this.search === undefined ? this.#listing.options : this.#before;
  }

  #keepPlace(): void {
    if (this.search === undefined && (!this.#reader.isCut || this.#cursor.wasSent)) {
      this.#places.keep(this.path, this.#cursor.place());
    }
  }

  #read(
    path: RemotePath,
    options: ListingOptions,
    search?: TreeSearch,
    place = search === undefined ? this.#places.get(path) : undefined,
  ): void {
    this.#isStopped = false;
    const listing = new FolderListing(path, options, {mostEntries: this.#mostEntries, search});
    const shown = this.#reread.begin(this.#listing, listing, this.#isOffline);
    if (shown !== this.#listing) {
      this.#show(shown, options, place);
    }

    this.#reader.clear();
    this.#reader.read(listing);
    // A near server has sent the first entries by then, so that one picture less is drawn.
    this.#changed('shortly');
  }

  #show(listing: FolderListing, options: ListingOptions, place: CursorPlace | undefined): void {
    this.marks.settle(this.path);
    this.#listing = listing;
    this.#cursor = new FolderCursor(listing, this.#height, place);
    this.#viewer = new FilesViewer();
    this.#held.showsNothing();
    if (listing.options !== options) {
      listing.change(options);
      this.#slices.run();
    }
  }

  /** Show the folder that was read again, with the present cursor, order and filter. */
  #swap(next: FolderListing | undefined): void {
    if (next !== undefined) {
      this.#show(next, this.#listing.options, this.#cursor.samePlace());
    }
  }

  #ended(): void {
    const {error, isCut} = this.#reader;
    if (!isCut) {
      this.#swap(this.#reread.take());
    }

    if (error !== undefined && !isCut) {
      // The entries that these keys were meant for may be among those that did not come.
      this.#held.drop();
    }

    this.#changed();
    if (!isCut) {
      this.#cursor.stopWaiting();
    }

    this.#held.run(() => !this.#reader.isReading && !this.#reader.isCut);
  }

  /**
   * Perform the action of a key on the entry under the cursor; or, if no entry was shown or the action concerns all
   * entries (`atAll`), once the whole folder is here.
   */
  aim(action: () => void, {atAll = false}: {atAll?: boolean} = {}): void {
    if (this.#held.mustWait(this.#reader, atAll)) {
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

  /** Read the folder again; marks and the cursor stay. */
  refresh(): void {
    this.#reader.reset();
    this.#begin(this.path, this.search);
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

  /** There is a connection again: read the folder again if the loss cut its reading. */
  readOn(): void {
    if (this.#reader.isCut) {
      this.#begin(this.path, this.search);
    }
  }

  /** Open the folder under the cursor, or the parent; show a found file in its folder. @returns whether it was one of these. */
  enter(): boolean {
    if (this.#cursor.onParent) {
      return this.leave();
    }

    const entry = this.current();
    if (entry !== undefined && this.search !== undefined) {
      this.openAt(entry.path);
      return true;
    }

    if (entry?.type === 'folder') {
      this.open(entry.path);
      return true;
    }

    return false;
  }

  /** Open the parent with the cursor on the folder that was left, or go back from a search. @returns false in the root. */
  leave(): boolean {
    if (this.search !== undefined) {
      this.#held.drop();
      this.open(this.path);
      return true;
    }

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

  /** Move the cursor to the row on `line`. @returns its name, empty for the parent row; undefined if there is no row. */
  pointAt(line: number): string | undefined {
    const row = this.#drawn?.path === this.path ? this.#drawn.rows[line] : undefined;
    if (row === undefined) {
      return undefined;
    }

    // Names of found entries are paths below the folder.
    const start = this.path === rootPath ? 0 : this.path.length + 1;
    const name = row === parentRow ? '' : row.path.slice(start);
    this.#cursor.goTo(row === parentRow ? undefined : this.#listing.table.find(name));
    this.#changed();
    return name;
  }

  /** @param rows the height of the pane. */
  resize(rows: number): void {
    if (rows !== this.#room) {
      this.#room = rows;
      this.#changed();
    }
  }

  /** Rows for entries. */
  get #height(): number {
    const [listing, reader, isOffline] = [this.#listing, this.#reader, this.#isOffline];
    return Math.max(1, this.#room - noteLines({listing, reader, isOffline}));
  }

  /** Mark or unmark the entry under the cursor, and go on to the next. */
  toggleMark(): void {
    const {row} = this.#cursor;
    if (row !== undefined) {
      this.marking.toggle(row);
    }

    this.move({by: 'row', count: 1});
  }

  /** The listing on the screen, for code that needs all its entries. */
  get listing(): FolderListing {
    return this.#listing;
  }

  /** Show other names, or in another order. */
  change(options: Partial<ListingOptions>): void {
    this.#cursor.hold();
    this.#held.showsNothing();
    this.#listing.change({...this.#listing.options, ...options});
    this.#slices.run();
  }

  /** The entry under the cursor; undefined on the parent row or if there is no entry. */
  current(): CurrentEntry | undefined {
    const {row} = this.#cursor;
    return row === undefined ? undefined : this.#listing.entry(row);
  }

  /** Stop reading. */
  close(): void {
    this.#reader.close();
  }

  #changed(when: 'now' | 'soon' | 'shortly' = 'now'): void {
    this.#cursor.settle(this.#height);
    this.#view = undefined;
    this.#repainter[when]();
  }

  /** The folder as data for the screen; the same object until something changes. */
  view(): FilesView {
    // A reading that a lost connection has cut continues by itself.
    const goesOn = this.#isOffline && this.#reader.isCut;
    this.#view ??= this.#viewer.view({
      listing: this.#listing,
      cursor: this.#cursor,
      marks: this.marks,
      loading: this.#reader.isReading || goesOn,
      isOffline: this.#isOffline,
      heldKeys: this.#held.count,
      error: goesOn ? undefined : this.#reader.error,
      note: folderNote({listing: this.#listing, reader: this.#reader}),
      isStopped: this.#isStopped,
    });
    this.#drawn = this.#view;
    if (this.#listing.visible.size > 0) {
      this.#held.showed(this.#cursor.row);
    }

    return this.#view;
  }
}
