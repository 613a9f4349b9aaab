/** Marks on the rows of a listing. */
import {baseName, parentOf} from '../../../../../protocol/remote-path.ts';
import type {FolderListing} from '../folder-listing.ts';
import {isSelected} from '../listing-work.ts';
import type {MarkedEntry, Marks} from './marks.ts';

/** Mark a row, or unmark it if it is marked. */
export function toggleRow(marks: Marks, listing: FolderListing, row: number): void {
  if (marks.hasRow(listing, row)) {
    marks.unmarkRows(listing, [row]);
  } else {
    marks.markRows(listing, {rows: [row], count: 1});
  }
}

/** Most names that are checked for a count while the user types. */
const mostCounted = 50_000;

/** Marks of entries that are not shown; undefined if there are too many marks to check. */
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

/** The marked entries of the folder that the filter hides, or that are hidden because of a dot. */
export function hiddenEntries(marks: Marks, {path, options}: FolderListing): MarkedEntry[] {
  return marks.entriesIn(path, name => !isSelected(name, options));
}

/** Mark all rows that are shown. */
export function markVisible(marks: Marks, listing: FolderListing): void {
  marks.markRows(listing, {rows: listing.visible, count: listing.visible.size});
}

/** Mark the rows that are shown and not marked, and unmark the others. */
export function invertVisible(marks: Marks, listing: FolderListing): void {
  const [marked, others]: [number[], number[]] = [[], []];
  for (const row of listing.visible) {
    (marks.hasRow(listing, row) ? marked : others).push(row);
  }

  marks.unmarkRows(listing, marked);
  marks.markRows(listing, {rows: others, count: others.length});
}

/** Mark `entries` of any folders. */
export function markEntries(marks: Marks, entries: readonly MarkedEntry[]): void {
  for (const {path, ...value} of entries) {
    marks.mark(parentOf(path), baseName(path), value);
  }
}
