/**
 * The cursor in a folder that may still be arriving: it stays on its entry, and that entry on its
 * line of the screen, while others come before and behind it.
 */
import {rootPath} from '../../../../protocol/remote-path.ts';
import {fitViewport, type Move, moveCursor, type Viewport} from '../viewport.ts';
import type {FolderListing} from './folder-listing.ts';

/** Where the cursor was: on the entry with that name, on that line of the window. */
export type CursorPlace = {readonly name: string | undefined; readonly line: number};

export class FolderCursor {
  readonly #listing: FolderListing;
  // Position 0 leads to the parent, but in the root and where something was searched for.
  readonly #parentRows: number;
  #viewport: Viewport = {cursor: 0, offset: 0};
  #height: number;
  // The row that the cursor stays on; none on the way to the parent.
  #anchor: number | undefined;
  // Before the first move the cursor waits on the first entry, whichever that is at the moment.
  #moved = false;
  // Where to go once that entry arrives.
  #wanted: CursorPlace | undefined;

  /** @param wanted where the cursor was when the folder was left. */
  constructor(listing: FolderListing, height: number, wanted?: CursorPlace) {
    this.#listing = listing;
    this.#parentRows = listing.path === rootPath || listing.search !== undefined ? 0 : 1;
    this.#height = height;
    this.#wanted = wanted;
  }

  /**
   * The row of the listing with the cursor; undefined on the way to the parent, or without
   * rows.
   */
  get row(): number | undefined {
    return this.#rowAt(this.#viewport.cursor);
  }

  get onParent(): boolean {
    return this.#viewport.cursor < this.#parentRows;
  }

  /** Which line of the window it is on. */
  get line(): number {
    return this.#viewport.cursor - this.#viewport.offset;
  }

  /** Which entry it is on, from 1. */
  get position(): number {
    return this.#viewport.cursor + 1 - this.#parentRows;
  }

  /** Rows of the listing that are in sight; undefined stands for the way to the parent. */
  window(): Array<number | undefined> {
    const {offset} = this.#viewport;
    const length = Math.max(0, Math.min(this.#height, this.#count() - offset));
    return Array.from({length}, (_, index) => this.#rowAt(offset + index));
  }

  /** Where it is, to come back to. */
  place(): CursorPlace {
    const {row} = this;
    // A folder that has not come as far as the entry that is wanted wants it still.
    return (
      this.#wanted ?? {
        name: row === undefined ? undefined : this.#listing.table.name(row),
        line: this.line,
      }
    );
  }

  move(move: Move): void {
    this.#viewport = moveCursor(this.#viewport, move, this.#count(), this.#height);
    this.#anchor = this.row;
    this.#moved = true;
    this.#wanted = undefined;
  }

  /** Go to `row` of the listing; undefined is the way to the parent. */
  goTo(row: number | undefined): void {
    const index = row === undefined ? -1 : this.#listing.visible.indexOf(row);
    const cursor = row === undefined ? 0 : index + this.#parentRows;
    if (row === undefined || index !== -1) {
      this.move({by: 'row', count: cursor - this.#viewport.cursor});
    }
  }

  /** Whether it was ever sent anywhere: else it waits on whichever entry is the first. */
  get wasSent(): boolean {
    return this.#moved || this.#wanted !== undefined;
  }

  /** Stay with the entry that it is on, whatever becomes of the rows, if it was ever sent there. */
  hold(): void {
    if (this.wasSent) {
      this.#anchor ??= this.row;
    }
  }

  /** Stay on `row`, as if it had been moved there, unless it was moved before. */
  stayOn(row: number): void {
    if (!this.#moved) {
      this.#anchor = row;
      this.#moved = true;
      this.#wanted = undefined;
      this.settle(this.#height);
    }
  }

  /** No more rows will come: an entry that has not come is not there. */
  stopWaiting(): void {
    this.#wanted = undefined;
  }

  /** After rows came or went, or the window is another. */
  settle(height: number): void {
    this.#height = height;
    const {table, visible} = this.#listing;
    const wanted = this.#wanted;
    const found = wanted?.name === undefined ? undefined : table.find(wanted.name);
    const row = found ?? this.#anchor;
    const index = row === undefined ? -1 : visible.indexOf(row);
    const waiting = this.#moved ? this.#viewport.cursor : this.#parentRows;
    const cursor = index === -1 ? waiting : index + this.#parentRows;
    const line = wanted?.line ?? this.line;
    const offset = index === -1 ? this.#viewport.offset : cursor - line;
    this.#viewport = fitViewport({cursor, offset}, this.#count(), height);
  }

  #count(): number {
    return this.#listing.visible.size + this.#parentRows;
  }

  #rowAt(position: number): number | undefined {
    return this.#listing.visible.at(position - this.#parentRows);
  }
}
