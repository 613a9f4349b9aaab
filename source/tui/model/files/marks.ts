/**
 * The marked entries of all folders, by folder and name: marks stay when another folder is
 * opened.
 */
import {joinRemotePath, type RemotePath} from '../../../../protocol/remote-path.ts';

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

  has(folder: RemotePath, name: string): boolean {
    return this.#folders.get(folder)?.has(name) === true;
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

  mark(folder: RemotePath, name: string, value: MarkValue): void {
    let names = this.#folders.get(folder);
    if (names === undefined) {
      names = new Map();
      this.#folders.set(folder, names);
    }

    this.unmark(folder, name);
    names.set(name, value);
    this.#count(value, 1);
  }

  unmark(folder: RemotePath, name: string): void {
    const value = this.#folders.get(folder)?.get(name);
    if (value !== undefined) {
      this.#folders.get(folder)?.delete(name);
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
