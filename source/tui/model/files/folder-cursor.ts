/**
 * The cursor in a folder whose entries may still arrive: it stays on its entry, and the entry stays on its line of the
 * screen, while others arrive before and after it.
 */
import {rootPath} from '../../../../protocol/remote-path.ts';
import {fitViewport, type Move, moveCursor, type Viewport} from '../viewport.ts';
import type {FolderListing} from './folder-listing.ts';

/**
 * A cursor position: the name of the entry, and its line of the window; with `position`, also for the parent row, or if
 * there is no entry of that name any more.
 */
export type CursorPlace = {
  readonly name: string | undefined;
  readonly line: number;
  readonly position?: number;
};

export class FolderCursor {
  readonly #listing: FolderListing;
  // 1 if position 0 is the parent row; 0 in the root and in search results.
  readonly #parentRows: number;
  #viewport: Viewport = {cursor: 0, offset: 0};
  #height: number;
  // The row that the cursor stays on; undefined on the parent row.
  #anchor: number | undefined;
  // Before the first move the cursor stays on the first entry, whichever arrives as the first.
  #moved = false;
  // Where to go once that entry arrives.
  #wanted: CursorPlace | undefined;

  /** @param wanted the cursor position when the folder was left. */
  constructor(listing: FolderListing, height: number, wanted?: CursorPlace) {
    this.#listing = listing;
    this.#parentRows = listing.path === rootPath || listing.search !== undefined ? 0 : 1;
    this.#height = height;
    this.#wanted = wanted;
  }

  /** The row of the listing under the cursor; undefined on the parent row, or without rows. */
  get row(): number | undefined {
    return this.#rowAt(this.#viewport.cursor);
  }

  get onParent(): boolean {
    return this.#viewport.cursor < this.#parentRows;
  }

  /** The line of the window with the cursor. */
  get line(): number {
    return this.#viewport.cursor - this.#viewport.offset;
  }

  /** The number of the entry under the cursor, from 1. */
  get position(): number {
    return this.#viewport.cursor + 1 - this.#parentRows;
  }

  /** The visible rows of the listing; undefined stands for the parent row. */
  window(): Array<number | undefined> {
    const {offset} = this.#viewport;
    const length = Math.max(0, Math.min(this.#height, this.#count() - offset));
    return Array.from({length}, (_, index) => this.#rowAt(offset + index));
  }

  /** The position for a new listing of the same folder. */
  samePlace(): CursorPlace {
    const place = this.place();
    return this.#moved ? {...place, position: this.#viewport.cursor} : place;
  }

  /** The position to restore later. */
  place(): CursorPlace {
    const {row} = this;
    // If the wanted entry has not arrived yet, it is still the wanted one.
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

  /** Go to `row` of the listing; undefined is the parent row. */
  goTo(row: number | undefined): void {
    const index = row === undefined ? -1 : this.#listing.visible.indexOf(row);
    const cursor = row === undefined ? 0 : index + this.#parentRows;
    if (row === undefined || index !== -1) {
      this.move({by: 'row', count: cursor - this.#viewport.cursor});
    }
  }

  /** Whether the cursor was ever moved: until then it stays on the first entry. */
  get wasSent(): boolean {
    return this.#moved || this.#wanted !== undefined;
  }

  /** Stay on the present entry, however the rows change, if the cursor was ever moved. */
  hold(): void {
    if (this.wasSent) {
      this.#anchor ??= this.row;
    }
  }

  /** Stay on `row`, as if the cursor had been moved there, unless it was moved before. */
  stayOn(row: number): void {
    if (!this.#moved) {
      this.#anchor = row;
      this.#moved = true;
      this.#wanted = undefined;
      this.settle(this.#height);
    }
  }

  /** No more rows will arrive: an entry that has not arrived does not exist. */
  stopWaiting(): void {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    const isThere =
      wanted?.name !== undefined && this.#listing.table.find(wanted.name) === this.row;
    if (isThere || wanted?.position !== undefined) {
      // The cursor stays where it was sent, as if it had been moved there.
      this.#anchor = this.row;
      this.#moved = true;
    }
  }

  /** Called after rows came or went, or the height changed. */
  settle(height: number): void {
    this.#height = height;
    const {table, visible} = this.#listing;
    const wanted = this.#wanted;
    const found = wanted?.name === undefined ? undefined : table.find(wanted.name);
    const row = found ?? this.#anchor;
    const index = row === undefined ? -1 : visible.indexOf(row);
    const position = this.#moved ? undefined : wanted?.position;
    const waiting = this.#moved ? this.#viewport.cursor : (position ?? this.#parentRows);
    const cursor = index === -1 ? waiting : index + this.#parentRows;
    const line = wanted?.line ?? this.line;
    const isPlaced = index !== -1 || position !== undefined;
    const offset = isPlaced ? cursor - line : this.#viewport.offset;
    this.#viewport = fitViewport({cursor, offset}, this.#count(), height);
  }

  #count(): number {
    return this.#listing.visible.size + this.#parentRows;
  }

  #rowAt(position: number): number | undefined {
    return this.#listing.visible.at(position - this.#parentRows);
  }
}
