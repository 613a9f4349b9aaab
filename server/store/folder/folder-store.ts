/** A folder of this machine as a store. */
import {statSync} from 'node:fs';
import type {Entry, Unsearched} from '../../../protocol/messages.ts';
import {type RemotePath, rootPath} from '../../../protocol/remote-path.ts';
import {isRemoteDisk} from '../../remote-disk.ts';
import {type Awaitable, andThen} from '../../waiting/awaitable.ts';
import {type LongWork, ownLongWork} from '../../waiting/long-work.ts';
import type {EntryFrame} from '../entry-frames.ts';
import type {
  FileToLoad,
  LoadedFiles,
  LongWorkClient,
  Search,
  Store,
  StoredFile,
  VersionedEntry,
} from '../store.ts';
import {notAFolder, refusePartial} from '../store-errors.ts';
import {Disk} from './disk/disk.ts';
import type {OpenFile} from './disk/folder-calls.ts';
import {FindPool} from './find/find-pool.ts';
import {FolderFile} from './folder-file.ts';
import {HashPool} from './hash/hash-pool.ts';
import {listFolder} from './list-folder.ts';
import {LoadedFile} from './loaded-file.ts';
import {identityOf} from './root/file-state.ts';
import {openRoot} from './root/open-root.ts';
import type {Root} from './root/root.ts';

/**
 * How long small files are read in one turn of the event loop, or in one call of another thread: further calls wait
 * meanwhile, and a long call would count as hanging.
 */
const turnMs = 2;
const threadMs = 15;

type FolderStoreOptions = {
  /** The most threads that hash. */
  hashThreads: number;
  /** How long matching masks may take without progress, in milliseconds. */
  maskMs: number;
  /** The path of the folder below the root of the server. Default: ''. */
  below?: string;
  /** The identity of the folder; its path is then a real path. Default: any folder at the path. */
  identity?: string | undefined;
  /** Whether the disk is remote. Default: ask the operating system. */
  remote?: boolean;
  /** The turns that all folders of a server share. Default: own turns. */
  longWork?: LongWork;
  /** Called when the disk becomes slow, with the milliseconds of the slow call. */
  onSlow?: (ms: number) => void;
};

export class FolderStore implements Store {
  readonly name: string;
  readonly #below: string;
  readonly #root: Root;
  readonly #disk: Disk;
  readonly #hashes: HashPool;
  readonly #searches: FindPool;

  /** @throws JangadaError `not_found`, `not_a_folder` or `forbidden` for the folder at `path`. */
  constructor(path: string, options: FolderStoreOptions) {
    this.name = path;
    this.#root = openRoot(path, options.identity);
    const {
      below = '',
      hashThreads,
      longWork = ownLongWork(),
      maskMs,
      remote = isRemoteDisk(path),
      onSlow = () => {},
    } = options;
    this.#below = below;
    this.#disk = new Disk(this.#root, {remote, onSlow});
    this.#hashes = new HashPool(hashThreads, longWork.hashJobs);
    this.#searches = new FindPool(this.#root.handle, maskMs, longWork.searches);
  }

  /** The identity of the folder at `path`, for the options of its store. */
  static identityAt(path: string): string {
    return identityOf(statSync(path, {bigint: true}));
  }

  stat(path: RemotePath): Awaitable<VersionedEntry> {
    refusePartial(path);
    return this.#disk.call('stat', path);
  }

  open(path: RemotePath): Awaitable<StoredFile> {
    refusePartial(path);
    return this.#disk.slow
      ? this.#load(path)
      : andThen(this.#disk.call('openFile', path), opened => this.#file(path, opened));
  }

  load(files: readonly FileToLoad[]): Awaitable<LoadedFiles> {
    return this.#disk.call('loadFiles', files, this.#disk.slow ? threadMs : turnMs);
  }

  get slow(): boolean {
    return this.#disk.slow;
  }

  async reach(): Promise<void> {
    await this.#disk.callInThread('stat', rootPath);
  }

  leadsOut(path: RemotePath): Awaitable<boolean> {
    return this.#disk.call('leadsOut', path);
  }

  list(path: RemotePath, signal: AbortSignal): AsyncIterable<Entry[]> {
    refusePartial(path);
    return listFolder(this.#root, this.#disk, path, signal);
  }

  async *find(
    search: Search,
    client: LongWorkClient,
  ): AsyncGenerator<EntryFrame, Unsearched, void> {
    const {type} = await this.stat(search.path);
    if (type !== 'folder') {
      throw notAFolder(search.path);
    }

    return yield* this.#searches.run(search, client);
  }

  /** Read a small file in the call that opens it, because each call to a thread takes time. */
  async #load(path: RemotePath): Promise<StoredFile> {
    const opened = await this.#disk.call('loadFile', path);
    return 'bytes' in opened ? new LoadedFile(path, opened, this.#below) : this.#file(path, opened);
  }

  #file(path: RemotePath, {descriptor, state}: OpenFile): FolderFile {
    return new FolderFile({
      ...{path, below: this.#below, descriptor, state},
      ...{disk: this.#disk, hashes: this.#hashes},
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#hashes.close(), this.#searches.close(), this.#disk.close()]);
    this.#root.close();
  }
}
