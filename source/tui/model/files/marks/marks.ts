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
  #summary: MarkSummary = {files: 0, folders: 0, bytes: 0};

  /**
   * Numbers of marked entries. The bytes are those of files: the content of folders is not
   * known.
   */
  get summary(): MarkSummary {
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

    this.unmark(place, name);
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
    this.#summary = {files: 0, folders: 0, bytes: 0};
  }

  /** All marked entries, folder by folder. */
  entries(): MarkedEntry[] {
    return [...this.#folders.keys()].flatMap(folder => this.entriesIn(folder));
  }

  #count(value: MarkValue, by: 1 | -1): void {
    const {files, folders, bytes} = this.#summary;
    this.#summary = {
      files: files + (value.type === 'file' ? by : 0),
      folders: folders + (value.type === 'folder' ? by : 0),
      bytes: bytes + by * value.size,
    };
  }
}

/** The folder and the name of what lies at `path`, from `folder` on. */
function placeOf(folder: RemotePath, path: string): readonly [RemotePath, string] {
  return path.includes('/')
    ? [parentOf(joinRemotePath(folder, path)), baseName(path)]
    : [folder, path];
}
