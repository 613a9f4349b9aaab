/** Marks on the rows of a listing. */
import {baseName, parentOf} from '../../../../../protocol/remote-path.ts';
import type {FolderListing} from '../folder-listing.ts';
import {isSelected} from '../listing-work.ts';
import type {MarkedEntry, Marks} from './marks.ts';

/** Mark a row, if it is of a kind that can be fetched. */
export function markRow(marks: Marks, {table, path}: FolderListing, row: number): void {
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

/** Names that are looked at for a count that is made while somebody types. */
const mostCounted = 50_000;

/** Marks of entries that are not shown; undefined if there are too many marks to look at all. */
export function hiddenMarks(marks: Marks, {path, options}: FolderListing): number | undefined {
  let looked = 0;
  let hidden = 0;
  for (const name of marks.namesIn(path)) {
    if (looked++ === mostCounted) {
      return undefined;
    }

    hidden += isSelected(name, options) ? 0 : 1;
  }

  return hidden;
}

/** The marked entries of the folder that a filter hides, or that they begin with a dot. */
export function hiddenEntries(marks: Marks, {path, options}: FolderListing): MarkedEntry[] {
  return marks.entriesIn(path).filter(entry => !isSelected(baseName(entry.path), options));
}

/** Mark all rows that are shown. */
export function markVisible(marks: Marks, listing: FolderListing): void {
  for (const row of listing.visible) {
    markRow(marks, listing, row);
  }
}

/** Mark the rows that are shown and not marked, and unmark the others. */
export function invertVisible(marks: Marks, listing: FolderListing): void {
  for (const row of listing.visible) {
    toggleRow(marks, listing, row);
  }
}

/** Mark `entries` of any folders. */
export function markEntries(marks: Marks, entries: readonly MarkedEntry[]): void {
  for (const {path, ...value} of entries) {
    marks.mark(parentOf(path), baseName(path), value);
  }
}
