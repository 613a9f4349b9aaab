/**
 * One folder as it is shown: its entries in the chosen order, of which those are visible that
 * are not hidden and match the filter. Entries are sorted in as they arrive; another
 * order or filter is worked out in slices of a few milliseconds, so that no key has to wait. What a
 * search finds below a folder is a listing, too: its names are paths from that folder on.
 *
 *     entries ──add──▶ table ──▶ all (sorted rows) ──filter──▶ visible
 */
import type {Entry, EntryType} from '../../../../protocol/messages.ts';
import {joinRemotePath, type RemotePath} from '../../../../protocol/remote-path.ts';
import type {FoundBatch} from '../../../transfers/download/search.ts';
import {mostFound, type TreeSearch, type Unsearched} from '../finding/tree-search.ts';
import {isHidden, isSelected, type ListingOptions, ListingWork} from './listing-work.ts';
import {EntryTable} from './table/entry-table.ts';
import {SortedRows} from './table/sorted-rows.ts';

/** An entry as listed, with its whole path. */
export type CurrentEntry = {
  readonly path: RemotePath;
  readonly type: EntryType;
  /** Bytes; 0 for a folder. */
  readonly size: number;
  readonly mtimeMs: number;
};

export type Refused = {
  readonly count: number;
  /** The first of the refused names, unescaped, and the reason. */
  readonly name: string;
  readonly reason: string;
};

/**
 * Default for the most entries of one folder that are kept: some hundred megabytes. A server could send names without
 * end.
 */
const defaultMostEntries = 2_000_000;

export class FolderListing {
  readonly path: RemotePath;
  /** The search that found these entries; undefined for the entries of the folder itself. */
  readonly search: TreeSearch | undefined;
  readonly table = new EntryTable();
  readonly #mostEntries: number;
  #options: ListingOptions;
  #all: SortedRows;
  #visible: SortedRows;
  #refused: Refused | undefined;
  #hidden = 0;
  #beyond = 0;
  #unsearched: Unsearched | undefined;
  #work: ListingWork | undefined;

  /** @param keep `mostEntries`: further entries are left out. `search`: the search that it shows. */
  constructor(
    path: RemotePath,
    options: ListingOptions,
    {mostEntries, search}: {mostEntries?: number | undefined; search?: TreeSearch | undefined} = {},
  ) {
    this.path = path;
    this.search = search;
    this.#mostEntries = mostEntries ?? (search === undefined ? defaultMostEntries : mostFound);
    this.#options = options;
    this.#all = new SortedRows(this.table.comparator(options.sort));
    this.#visible = this.#all;
  }

  /** Rows that are shown, in order. */
  get visible(): SortedRows {
    return this.#visible;
  }

  entry(row: number): CurrentEntry {
    const {table, path} = this;
    return {
      path: joinRemotePath(path, table.name(row)),
      type: table.type(row),
      size: table.bytes(row),
      mtimeMs: table.mtimeMs(row),
    };
  }

  get refused(): Refused | undefined {
    return this.#refused;
  }

  /** Entries whose names begin with a dot. */
  get hidden(): number {
    return this.#hidden;
  }

  get options(): ListingOptions {
    return this.#options;
  }

  /** Number of found entries beyond those that are kept. */
  get beyond(): number {
    return this.#beyond;
  }

  /** Places that the search could not read. */
  get unsearched(): Unsearched | undefined {
    return this.#unsearched;
  }

  /** Whether it has the most entries that are kept: further entries are left out. */
  get isFull(): boolean {
    return this.table.size >= this.#mostEntries;
  }

  /** Whether `work` has something left to do. */
  get working(): boolean {
    return this.#work !== undefined;
  }

  /** Add entries from the server; invalid and repeated names are counted and left out. */
  add(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (this.isFull) {
        this.#beyond++;
        continue;
      }

      const reason = this.search === undefined ? whyRefused(this.path, entry.name) : undefined;
      if (reason !== undefined) {
        this.#refuse(entry.name, reason);
        continue;
      }

      const row = this.table.add(entry);
      if (row === undefined) {
        this.#refuse(entry.name, 'the server named it twice');
        continue;
      }

      this.#place(row, entry.name);
    }
  }

  /** Add the results of a search: their names are checked already. */
  addFound({entries, refused, unsearched, moreUnsearched}: FoundBatch): void {
    this.add(entries);
    for (const {name, reason} of refused) {
      this.#refuse(name, reason);
    }

    const count = unsearched.length + moreUnsearched;
    if (count > 0) {
      const [first] = unsearched;
      this.#unsearched = {count, path: first?.remotePath, reason: first?.reason ?? ''};
    }
  }

  #place(row: number, name: string): void {
    const selected = isSelected(name, this.#options);
    // As long as every row is shown, one order is enough.
    if (!selected && this.#visible === this.#all) {
      this.#visible = this.#all.copy();
    }

    this.#all.insert(row);
    if (selected && this.#visible !== this.#all) {
      this.#visible.insert(row);
    }

    if (isHidden(name)) {
      this.#hidden++;
    }

    // The work under way would show every row, but this row is not selected.
    if (!selected && this.#work !== undefined && this.#work.visible === this.#work.all) {
      this.change(this.#options);
    } else {
      this.#work?.added(row);
    }
  }

  #refuse(name: string, reason: string): void {
    this.#refused =
      this.#refused === undefined
        ? {count: 1, name, reason}
        : {...this.#refused, count: this.#refused.count + 1};
  }

  /** Show other rows, or another order. The present rows stay until `work` has computed the new ones. */
  change(options: ListingOptions): void {
    const resort =
      options.sort.key !== this.#options.sort.key ||
      options.sort.reverse !== this.#options.sort.reverse ||
      this.#work?.resorts === true;
    this.#options = options;
    const base = {table: this.table, all: this.#all, selects: this.#selects()};
    this.#work = new ListingWork({...base, options, resorts: resort});
  }

  /** Whether some rows are hidden. */
  #selects(): boolean {
    return this.#options.filter !== '' || (!this.#options.showHidden && this.#hidden > 0);
  }

  /** Continue the work that `change` began, until it is done or `deadline` (of `performance.now`) has passed. */
  work(deadline: number): void {
    const work = this.#work;
    if (work?.run(deadline) === true) {
      this.#all = work.all;
      this.#visible = work.visible;
      this.#work = undefined;
    }
  }
}

/** Why `name` cannot be an entry of `folder`; undefined if it can. */
function whyRefused(folder: RemotePath, name: string): string | undefined {
  // A name with a slash would be a valid path, but of another folder.
  if (name === '' || name.includes('/')) {
    return name === '' ? 'it is empty' : 'it has a slash in it';
  }

  try {
    joinRemotePath(folder, name);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
