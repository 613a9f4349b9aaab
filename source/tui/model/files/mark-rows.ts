/** Marks on the rows of a listing. */
import {baseName, parentOf} from '../../../../protocol/remote-path.ts';
import type {FolderListing} from './folder-listing.ts';
import type {MarkedEntry, Marks} from './marks.ts';

/** Mark a row, if it is of a kind that can be fetched. */
function markRow(marks: Marks, {table, path}: FolderListing, row: number): void {
  const type = table.type(row);
  if (type !== 'other') {
    const value = {type, size: table.bytes(row), mtimeMs: table.mtimeMs(row)};
    marks.mark(path, table.name(row), value);
  }
}

/** Mark a row, or unmark it if it is marked. */
export function toggleRow(marks: Marks, listing: FolderListing, row: number): void {
  const name = listing.table.name(row);
  if (marks.has(listing.path, name)) {
    marks.unmark(listing.path, name);
  } else {
    markRow(marks, listing, row);
  }
}

/** The rows that are shown, in order. */
function* visibleRows({visible}: FolderListing): Generator<number> {
  for (let position = 0; position < visible.size; position++) {
    const row = visible.at(position);
    if (row !== undefined) {
      yield row;
    }
  }
}

/** Mark all rows that are shown. */
export function markVisible(marks: Marks, listing: FolderListing): void {
  for (const row of visibleRows(listing)) {
    markRow(marks, listing, row);
  }
}

/** Mark the rows that are shown and not marked, and unmark the others. */
export function invertVisible(marks: Marks, listing: FolderListing): void {
  for (const row of visibleRows(listing)) {
    toggleRow(marks, listing, row);
  }
}

/** Mark `entries` of any folders. */
export function markEntries(marks: Marks, entries: readonly MarkedEntry[]): void {
  for (const {path, ...value} of entries) {
    marks.mark(parentOf(path), baseName(path), value);
  }
}
