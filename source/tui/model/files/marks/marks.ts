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

export type MarkedEntry = {
  readonly path: RemotePath;
  readonly type: 'file' | 'folder';
  /** Bytes; 0 for a folder. */
  readonly size: number;
  readonly mtimeMs: number;
};

type MarkValue = Omit<MarkedEntry, 'path'>;

export type MarkSummary = {
  readonly files: number;
  readonly folders: number;
  readonly bytes: number;
};

export class Marks {
  readonly #folders = new Map<RemotePath, Map<string, MarkValue>>();
  #files = 0;
  #foldersMarked = 0;
  #bytes = 0;
  // As it was asked for last; undefined after a change.
  #summary: MarkSummary | undefined;

  /**
   * Numbers of marked entries. The bytes are those of files: the content of folders is not
   * known.
   */
  get summary(): MarkSummary {
    this.#summary ??= {files: this.#files, folders: this.#foldersMarked, bytes: this.#bytes};
    return this.#summary;
  }

  has(folder: RemotePath, path: string): boolean {
    const [place, name] = placeOf(folder, path);
    return this.#folders.get(place)?.has(name) === true;
  }

  /** The names that are marked in `folder`. */
  namesIn(folder: RemotePath): Iterable<string> {
    return this.#folders.get(folder)?.keys() ?? [];
  }

  /** The marked entries of `folder`. */
  entriesIn(folder: RemotePath): MarkedEntry[] {
    return Array.from(this.#folders.get(folder) ?? [], ([name, value]) => ({
      ...value,
      path: joinRemotePath(folder, name),
    }));
  }

  /** @param path a name in `folder`, or a path from it on. */
  mark(folder: RemotePath, path: string, value: MarkValue): void {
    const [place, name] = placeOf(folder, path);
    let names = this.#folders.get(place);
    if (names === undefined) {
      names = new Map();
      this.#folders.set(place, names);
    }

    const before = names.get(name);
    if (before !== undefined) {
      this.#count(before, -1);
    }

    names.set(name, value);
    this.#count(value, 1);
  }

  unmark(folder: RemotePath, path: string): void {
    const [place, name] = placeOf(folder, path);
    const names = this.#folders.get(place);
    const value = names?.get(name);
    if (names !== undefined && value !== undefined) {
      names.delete(name);
      this.#count(value, -1);
    }
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

  #count({type, size}: MarkValue, by: 1 | -1): void {
    if (type === 'file') {
      this.#files += by;
    } else {
      this.#foldersMarked += by;
    }

    this.#bytes += by * size;
    this.#summary = undefined;
  }
}

/** The folder and the name of what lies at `path`, from `folder` on. */
function placeOf(folder: RemotePath, path: string): readonly [RemotePath, string] {
  return path.includes('/')
    ? [parentOf(joinRemotePath(folder, path)), baseName(path)]
    : [folder, path];
}
