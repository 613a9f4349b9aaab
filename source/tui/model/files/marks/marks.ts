/**
 * The marked entries of all folders, by folder and name: marks stay when another folder is
 * opened.
 */
import {
  baseName,
  joinRemotePath,
  parentOf,
  type RemotePath,
} from '../../../../../protocol/remote-path.ts';
import type {FolderListing} from '../folder-listing.ts';
import {FolderMarks, type MarkValue} from './folder-marks.ts';

export type MarkedEntry = MarkValue & {readonly path: RemotePath};

export type MarkSummary = {
  readonly files: number;
  readonly folders: number;
  readonly bytes: number;
};

/** Rows of a listing, and how many they are. */
export type Rows = {readonly rows: Iterable<number>; readonly count: number};

type Listed = Pick<FolderListing, 'path' | 'table' | 'search'>;

export class Marks {
  readonly #folders = new Map<RemotePath, FolderMarks>();
  #files = 0;
  #foldersMarked = 0;
  #bytes = 0;
  // The last result; undefined after a change.
  #summary: MarkSummary | undefined;

  /** Numbers and bytes of marked entries. Only files have bytes: the content of folders is not known. */
  get summary(): MarkSummary {
    this.#summary ??= {files: this.#files, folders: this.#foldersMarked, bytes: this.#bytes};
    return this.#summary;
  }

  /** Whether the entry in a row is marked. */
  hasRow({path, table, search}: Listed, row: number): boolean {
    if (search === undefined) {
      return this.#folders.get(path)?.hasRow(table, row) === true;
    }

    const [place, name] = placeOf(path, table.name(row));
    return this.#folders.get(place)?.has(name) === true;
  }

  /** The names that are marked in `folder`. */
  namesIn(folder: RemotePath): Iterable<string> {
    return this.#folders.get(folder)?.names() ?? [];
  }

  /** The marked entries of `folder` whose names are `wanted`. */
  entriesIn(folder: RemotePath, wanted: (name: string) => boolean = () => true): MarkedEntry[] {
    const entries: MarkedEntry[] = [];
    for (const [name, value] of this.#folders.get(folder) ?? []) {
      if (wanted(name)) {
        entries.push({...value, path: joinRemotePath(folder, name)});
      }
    }

    return entries;
  }

  /** Mark rows of a listing; only files and folders are marked. */
  markRows({path, table, search}: Listed, {rows, count}: Rows): void {
    if (search === undefined) {
      this.#in(path).markRows(table, rows, count);
      return;
    }

    // In search results names are paths, of many folders.
    for (const row of rows) {
      const [place, name] = placeOf(path, table.name(row));
      const type = table.type(row);
      if (type !== 'other') {
        this.mark(place, name, {type, size: table.bytes(row), mtimeMs: table.mtimeMs(row)});
      }
    }
  }

  unmarkRows({path, table, search}: Listed, rows: Iterable<number>): void {
    if (search === undefined) {
      this.#folders.get(path)?.unmarkRows(table, rows);
      return;
    }

    for (const row of rows) {
      const [place, name] = placeOf(path, table.name(row));
      this.#folders.get(place)?.unmark(name);
    }
  }

  mark(folder: RemotePath, name: string, value: MarkValue): void {
    this.#in(folder).mark(name, value);
  }

  /** `folder` is left: its marks are stored in as little memory as possible. */
  settle(folder: RemotePath): void {
    this.#folders.get(folder)?.settle();
  }

  clear(): void {
    this.#folders.clear();
    this.#files = 0;
    this.#foldersMarked = 0;
    this.#bytes = 0;
    this.#summary = undefined;
  }

  /** All marked entries, folder by folder. */
  entries(): MarkedEntry[] {
    return [...this.#folders.keys()].flatMap(folder => this.entriesIn(folder));
  }

  #in(folder: RemotePath): FolderMarks {
    let marks = this.#folders.get(folder);
    if (marks === undefined) {
      marks = new FolderMarks((value, by) => this.#count(value, by));
      this.#folders.set(folder, marks);
    }

    return marks;
  }

  #count({type, size}: Pick<MarkValue, 'type' | 'size'>, by: 1 | -1): void {
    if (type === 'file') {
      this.#files += by;
    } else {
      this.#foldersMarked += by;
    }

    this.#bytes += by * size;
    this.#summary = undefined;
  }
}

/** The folder and the name of the entry at `path`, relative to `folder`. */
function placeOf(folder: RemotePath, path: string): readonly [RemotePath, string] {
  return path.includes('/')
    ? [parentOf(joinRemotePath(folder, path)), baseName(path)]
    : [folder, path];
}
