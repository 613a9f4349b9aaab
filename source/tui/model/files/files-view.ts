/** A folder as data for the screen: the rows of the window, and the facts about the folder. */
import {type DisplayText, displayName} from '../../../../protocol/display-text.ts';
import type {EntryType} from '../../../../protocol/messages.ts';
import {joinRemotePath, type RemotePath} from '../../../../protocol/remote-path.ts';
import {formatBytes} from '../../text/format.ts';
import {dayOf, formatWhen} from '../../text/when.ts';
import type {Unsearched} from '../finding/tree-search.ts';
import type {FolderCursor} from './folder-cursor.ts';
import type {FolderListing, Refused} from './folder-listing.ts';
import type {ListingOptions} from './listing-work.ts';
import type {MarkSummary, Marks} from './marks/marks.ts';

export type FileRow = {
  readonly path: RemotePath;
  readonly name: DisplayText;
  readonly type: EntryType;
  readonly bytes: number;
  readonly mtimeMs: number;
  /** The size of a file. */
  readonly size: DisplayText;
  /** When the file was changed, as people say it. */
  readonly changed: DisplayText;
};

/** The row that leads to the folder above. */
export const parentRow = 'parent';

/** A search below the folder, whose results are shown in place of the entries of the folder. */
export type FoundView = {
  readonly text: DisplayText;
  /** Number of found entries, including those that are not kept. */
  readonly count: number;
  readonly unsearched: Unsearched | undefined;
  /** Whether the user has stopped it. */
  readonly isStopped: boolean;
};

export type FilesView = {
  readonly path: RemotePath;
  readonly found: FoundView | undefined;
  /** The rows of the window. */
  readonly rows: ReadonlyArray<FileRow | typeof parentRow>;
  /** Which of `rows` has the cursor; -1 if there are none. */
  readonly cursor: number;
  /** Which of `rows` are marked. */
  readonly marked: readonly boolean[];
  /** Position of the cursor among all entries, from 1; 0 on the parent row. */
  readonly position: number;
  /** Entries that are shown, and all entries. */
  readonly shown: number;
  readonly total: number;
  readonly loading: boolean;
  /** Whether there is no connection: the rows are from an earlier reading. */
  readonly isOffline: boolean;
  /** Keys that wait for the whole of the folder. */
  readonly heldKeys: number;
  readonly sorting: boolean;
  readonly error: DisplayText | undefined;
  /** `full`: it has more entries than are kept. `quiet`: the server has sent no entry for a long time. */
  readonly note: 'full' | 'quiet' | undefined;
  readonly refused: Refused | undefined;
  readonly options: ListingOptions;
  readonly marks: MarkSummary;
};

type FilesState = {
  note: FilesView['note'];
  listing: FolderListing;
  cursor: FolderCursor;
  marks: Marks;
  loading: boolean;
  isOffline: boolean;
  heldKeys: number;
  error: DisplayText | undefined;
  isStopped: boolean;
};

/** Makes views of one folder. The texts of a visible row are computed once a day. */
export class FilesViewer {
  readonly #now: () => number;
  #rows = new Map<number, FileRow>();
  #day = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  view({listing, cursor, marks, isStopped, ...state}: FilesState): FilesView {
    const {table, path} = listing;
    const nowMs = this.#now();
    if (dayOf(nowMs) !== this.#day) {
      this.#day = dayOf(nowMs);
      this.#rows.clear();
    }

    const rows: Array<FileRow | typeof parentRow> = [];
    const marked: boolean[] = [];
    const inSight = new Map<number, FileRow>();
    for (const row of cursor.window()) {
      if (row === undefined) {
        rows.push(parentRow);
        marked.push(false);
      } else {
        const shown = this.#rows.get(row) ?? describe(listing, row, nowMs);
        inSight.set(row, shown);
        rows.push(shown);
        marked.push(marks.hasRow(listing, row));
      }
    }

    this.#rows = inSight;
    return {
      path,
      found: foundView(listing, isStopped),
      rows,
      cursor: rows.length === 0 ? -1 : cursor.line,
      marked,
      position: cursor.position,
      shown: listing.visible.size,
      total: table.size,
      ...state,
      sorting: listing.working,
      refused: listing.refused,
      options: listing.options,
      marks: marks.summary,
    };
  }
}

function foundView(
  {search, table, beyond, unsearched}: FolderListing,
  isStopped: boolean,
): FoundView | undefined {
  return search === undefined
    ? undefined
    : {text: displayName(search.text), count: table.size + beyond, unsearched, isStopped};
}

function describe({table, path}: FolderListing, row: number, nowMs: number): FileRow {
  const name = table.name(row);
  const type = table.type(row);
  return {
    path: joinRemotePath(path, name),
    name: displayName(type === 'folder' ? `${name}/` : name),
    type,
    bytes: table.bytes(row),
    mtimeMs: table.mtimeMs(row),
    size: formatBytes(table.bytes(row)),
    changed: formatWhen(table.mtimeMs(row), nowMs),
  };
}
