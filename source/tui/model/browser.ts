/**
 * The file browser: one folder of the server at a time, read while it is shown. Leaving a folder
 * stops reading it; coming back finds the cursor where it was.
 */
import {type DisplayText, displayName} from '../../../protocol/display-text.ts';
import {isJangadaError} from '../../../protocol/errors.ts';
import type {Entry, EntryType} from '../../../protocol/messages.ts';
import {
  baseName,
  joinRemotePath,
  parentOf,
  type RemotePath,
  rootPath,
} from '../../../protocol/remote-path.ts';
import {formatBytes, formatDate, formatTime} from '../text/format.ts';
import type {SortOrder} from './entry-table.ts';
import {FolderListing, type ListingOptions, type Refused} from './folder-listing.ts';
import {type MarkedEntry, type MarkSummary, Marks} from './marks.ts';
import type {Publisher} from './publisher.ts';
import {fitViewport, type Move, moveCursor, type Viewport} from './viewport.ts';

/** Entries of a folder in batches, as `Client.list` gives them. */
export type ListFolder = (
  path: RemotePath,
  options: {signal: AbortSignal},
) => AsyncIterable<readonly Entry[]>;

export type FileRow = {
  readonly path: RemotePath;
  readonly name: DisplayText;
  readonly type: EntryType;
  readonly size: DisplayText;
  readonly date: DisplayText;
  readonly time: DisplayText;
};

/** What leads to the folder above. */
export const parentRow = 'parent';

export type FilesView = {
  readonly path: RemotePath;
  /** The rows of the window. */
  readonly rows: ReadonlyArray<FileRow | typeof parentRow>;
  /** Which of `rows` has the cursor; -1 if there are none. */
  readonly cursor: number;
  /** Which of `rows` are marked. */
  readonly marked: readonly boolean[];
  /** Position of the cursor among all entries, from 1; 0 on the way to the parent. */
  readonly position: number;
  /** Entries that are shown, and all that are there. */
  readonly shown: number;
  readonly total: number;
  readonly loading: boolean;
  readonly sorting: boolean;
  readonly error: DisplayText | undefined;
  readonly refused: Refused | undefined;
  readonly options: ListingOptions;
  readonly marks: MarkSummary;
};

/** The entry under the cursor. */
export type CurrentEntry = {readonly path: RemotePath; readonly type: EntryType} & Omit<
  MarkedEntry,
  'type'
>;

type Remembered = {name: string | undefined; line: number};

const sliceMs = 6;
const maxRemembered = 1000;
const noOptions: ListingOptions = {
  sort: {key: 'name', reverse: false},
  showHidden: false,
  filter: '',
};

export class Browser {
  readonly marks = new Marks();
  readonly #list: ListFolder;
  readonly #publisher: Publisher;
  readonly #remembered = new Map<RemotePath, Remembered>();
  readonly #rows = new Map<number, FileRow>();
  #listing = new FolderListing(rootPath, noOptions);
  #reading: AbortController | undefined;
  #error: DisplayText | undefined;
  #viewport: Viewport = {cursor: 0, offset: 0};
  #room = 10;
  // The row that the cursor stays on while others arrive before it; none on the way to the parent.
  #anchor: number | undefined;
  // Before the first move the cursor waits on the first entry, whichever that is at the moment.
  #moved = false;
  // The name to go to once it arrives.
  #wanted: Remembered | undefined;
  #slicing = false;
  #view: FilesView | undefined;

  constructor(list: ListFolder, publisher: Publisher) {
    this.#list = list;
    this.#publisher = publisher;
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
    this.#remember();
    const sameFolder = path === this.path;
    const filter = sameFolder ? this.filter : '';
    this.#wanted = this.#remembered.get(path);
    this.#listing = new FolderListing(path, {...this.#listing.options, filter});
    this.#rows.clear();
    this.#anchor = undefined;
    this.#moved = false;
    this.#viewport = {cursor: 0, offset: 0};
    this.#error = undefined;
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    this.#changed();
    void this.#read(this.#listing, reading);
  }

  #remember(): void {
    const row = this.#rowAt(this.#viewport.cursor);
    // A folder that has not come as far as its remembered row remembers it still.
    const remembered = this.#wanted ?? {
      name: row === undefined ? undefined : this.#listing.table.name(row),
      line: this.#viewport.cursor - this.#viewport.offset,
    };
    this.#remembered.delete(this.path);
    this.#remembered.set(this.path, remembered);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > maxRemembered && oldest !== undefined) {
      this.#remembered.delete(oldest);
    }
  }

  async #read(listing: FolderListing, reading: AbortController): Promise<void> {
    try {
      for await (const entries of this.#list(listing.path, {signal: reading.signal})) {
        if (reading.signal.aborted) {
          return;
        }

        listing.add(entries);
        this.#settleCursor();
        this.#changed('soon');
      }
    } catch (error) {
      if (reading.signal.aborted || isJangadaError(error, 'aborted')) {
        return;
      }

      this.#error = displayName(error instanceof Error ? error.message : String(error));
    }

    if (this.#reading === reading) {
      this.#reading = undefined;
      this.#wanted = undefined;
      this.#changed();
    }
  }

  /** Read the folder anew; marks and the cursor stay. */
  refresh(): void {
    this.open(this.path);
  }

  /** Open the folder under the cursor, or the parent. @returns whether it was one. */
  enter(): boolean {
    if (this.#isParentRow(this.#viewport.cursor)) {
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

    const parent = parentOf(this.path);
    const line = this.#remembered.get(parent)?.line ?? Math.floor(this.#height / 3);
    const name = baseName(this.path);
    this.#remember();
    this.#remembered.set(parent, {name, line});
    this.open(parent);
    return true;
  }

  move(move: Move): void {
    this.#viewport = moveCursor(this.#viewport, move, this.#count(), this.#height);
    this.#anchor = this.#rowAt(this.#viewport.cursor);
    this.#moved = true;
    this.#wanted = undefined;
    this.#changed();
  }

  /** How many rows there is room for. */
  resize(rows: number): void {
    if (rows !== this.#room) {
      this.#room = rows;
      this.#settleCursor();
      this.#changed();
    }
  }

  /** Mark what is under the cursor, or unmark it, and go on to the next. */
  toggleMark(): void {
    const row = this.#rowAt(this.#viewport.cursor);
    if (row !== undefined) {
      this.#setMark(row, !this.marks.has(this.path, this.#listing.table.name(row)));
    }

    this.move({by: 'row', count: 1});
  }

  /** Mark all that are shown. */
  markAll(): void {
    this.#forEachVisible(row => this.#setMark(row, true));
  }

  /** Mark those that are shown and not marked, and no others. */
  invertMarks(): void {
    this.#forEachVisible(row =>
      this.#setMark(row, !this.marks.has(this.path, this.#listing.table.name(row))),
    );
  }

  /** Mark these again, in whatever folder they are. */
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

  #forEachVisible(action: (row: number) => void): void {
    const {visible} = this.#listing;
    for (let position = 0; position < visible.size; position++) {
      const row = visible.at(position);
      if (row !== undefined) {
        action(row);
      }
    }

    this.#changed();
  }

  /** What can be fetched can be marked. */
  #setMark(row: number, marked: boolean): void {
    const {table} = this.#listing;
    const type = table.type(row);
    if (!marked) {
      this.marks.unmark(this.path, table.name(row));
    } else if (type !== 'other') {
      const value = {type, size: table.bytes(row), mtimeMs: table.mtimeMs(row)};
      this.marks.mark(this.path, table.name(row), value);
    }
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
    if (this.#moved || this.#wanted !== undefined) {
      this.#anchor ??= this.#rowAt(this.#viewport.cursor);
    }

    this.#listing.change({...this.#listing.options, ...options});
    this.#workInSlices();
  }

  /** A few milliseconds at a time, with keys and pictures between. */
  #workInSlices(): void {
    this.#listing.work(performance.now() + sliceMs);
    this.#settleCursor();
    this.#changed();
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
    const row = this.#rowAt(this.#viewport.cursor);
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
    this.#reading?.abort();
    this.#reading = undefined;
  }

  /** Rows for entries: what is wrong with the folder is said in lines below them. */
  get #height(): number {
    const lines =
      (this.#listing.refused === undefined ? 0 : 1) +
      (this.#error === undefined || this.#count() === 0 ? 0 : 1);
    return Math.max(1, this.#room - lines);
  }

  // Position 0 leads to the parent, but in the root.
  #isParentRow(position: number): boolean {
    return position === 0 && this.path !== rootPath;
  }

  #parentRows(): number {
    return this.path === rootPath ? 0 : 1;
  }

  #count(): number {
    return this.#listing.visible.size + this.#parentRows();
  }

  #rowAt(position: number): number | undefined {
    return this.#listing.visible.at(position - this.#parentRows());
  }

  /** After rows came or went: keep the cursor on its row, and that row on its line of the screen. */
  #settleCursor(): void {
    const wanted = this.#wanted;
    const found = wanted?.name === undefined ? undefined : this.#listing.table.find(wanted.name);
    const line = wanted?.line ?? this.#viewport.cursor - this.#viewport.offset;
    const row = found ?? this.#anchor;
    const index = row === undefined ? -1 : this.#listing.visible.indexOf(row);
    const waiting = this.#moved ? this.#viewport.cursor : this.#parentRows();
    const cursor = index === -1 ? waiting : index + this.#parentRows();
    const offset = index === -1 ? this.#viewport.offset : cursor - line;
    this.#viewport = fitViewport({cursor, offset}, this.#count(), this.#height);
  }

  #changed(when: 'now' | 'soon' = 'now'): void {
    this.#view = undefined;
    this.#publisher[when]();
  }

  /** What there is to show; the same object until something changes. */
  view(): FilesView {
    this.#view ??= this.#compose();
    return this.#view;
  }

  #compose(): FilesView {
    const {cursor, offset} = this.#viewport;
    const rows: Array<FileRow | typeof parentRow> = [];
    const marked: boolean[] = [];
    const kept = new Map<number, FileRow>();
    for (
      let position = offset;
      position < Math.min(this.#count(), offset + this.#height);
      position++
    ) {
      const row = this.#rowAt(position);
      if (row === undefined) {
        rows.push(parentRow);
        marked.push(false);
      } else {
        const shown = this.#rows.get(row) ?? this.#describe(row);
        kept.set(row, shown);
        rows.push(shown);
        marked.push(this.marks.has(this.path, this.#listing.table.name(row)));
      }
    }

    this.#rows.clear();
    for (const [row, shown] of kept) {
      this.#rows.set(row, shown);
    }

    return {
      path: this.path,
      rows,
      cursor: rows.length === 0 ? -1 : cursor - offset,
      marked,
      position: cursor + 1 - this.#parentRows(),
      shown: this.#listing.visible.size,
      total: this.#listing.table.size,
      loading: this.#reading !== undefined,
      sorting: this.#listing.working,
      error: this.#error,
      refused: this.#listing.refused,
      options: this.#listing.options,
      marks: this.marks.summary,
    };
  }

  #describe(row: number): FileRow {
    const {table} = this.#listing;
    const name = table.name(row);
    const type = table.type(row);
    return {
      path: joinRemotePath(this.path, name),
      name: displayName(type === 'folder' ? `${name}/` : name),
      type,
      size:
        type === 'file'
          ? formatBytes(table.bytes(row))
          : displayName(type === 'folder' ? '-' : '?'),
      date: formatDate(table.mtimeMs(row)),
      time: formatTime(table.mtimeMs(row)),
    };
  }
}
