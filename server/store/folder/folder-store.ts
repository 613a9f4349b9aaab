/** A folder of this machine as a store. */
import type {BigIntStats} from 'node:fs';
import {closeSync, fstatSync} from 'node:fs';
import type {Entry} from '../../../protocol/messages.ts';
import {baseName, type RemotePath} from '../../../protocol/remote-path.ts';
import type {Store, StoredFile} from '../store.ts';
import {refusePartial} from '../store-errors.ts';
import {identityOf, isFresh, mtimeMsOf, typeOf, versionOf} from './root/file-state.ts';
import {listFolder} from './root/list-folder.ts';
import {openRoot} from './root/open-root.ts';
import type {Root, RootHandle} from './root/root.ts';

export class DirectoryStore implements Store {
  readonly #root: Root;

  /** @throws JangadaError if `path` is not a folder that can be read. */
  constructor(path: string) {
    this.#root = openRoot(path);
  }

  get root(): RootHandle {
    return this.#root.handle;
  }

  stat(path: RemotePath): Entry & {version: string} {
    refusePartial(path);
    const stats = this.#root.stat(path);
    const type = typeOf(stats);
    return {
      name: baseName(path),
      type,
      size: type === 'file' ? Number(stats.size) : 0,
      mtimeMs: mtimeMsOf(stats),
      version: versionOf(stats),
    };
  }

  open(path: RemotePath): StoredFile {
    refusePartial(path);
    const {descriptor, stats} = this.#root.openFile(path);
    return new DirectoryFile(descriptor, stats);
  }

  list(path: RemotePath, signal: AbortSignal): AsyncIterable<Entry[]> {
    refusePartial(path);
    return listFolder(this.#root, path, signal);
  }

  close(): void {
    this.#root.close();
  }
}

class DirectoryFile implements StoredFile {
  readonly descriptor: number;
  readonly size: number;
  readonly version: string;
  readonly #stats: BigIntStats;

  constructor(descriptor: number, stats: BigIntStats) {
    this.descriptor = descriptor;
    this.size = Number(stats.size);
    this.version = versionOf(stats);
    this.#stats = stats;
  }

  get mtimeMs(): number {
    return mtimeMsOf(this.#stats);
  }

  get identity(): string | undefined {
    return isFresh(this.#stats, Date.now()) ? undefined : identityOf(this.#stats);
  }

  unchanged(): boolean {
    const before = this.#stats;
    const now = fstatSync(this.descriptor, {bigint: true});
    // Without a name left it was deleted or another file took its place.
    const replaced = now.nlink === 0n && before.nlink > 0n;
    return now.size === before.size && now.mtimeNs === before.mtimeNs && !replaced;
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
