/** A file of a folder. Threads compute its digests and hashes. */
import type {Buffer} from 'node:buffer';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import {type Awaitable, andThen} from '../../waiting/awaitable.ts';
import type {DigestsQuestion, HashQuestion, LongWorkClient, StoredFile} from '../store.ts';
import {changed} from '../store-errors.ts';
import type {Disk} from './disk/disk.ts';
import {FileFacts, pathBelow} from './file-facts.ts';
import type {HashClient, HashPool} from './hash/hash-pool.ts';
import {type FileState, isSameState} from './root/file-state.ts';

type FolderFileOptions = {
  path: RemotePath;
  /** The path of the store's folder below the root of the server. */
  below: string;
  /** Closing the file closes it. */
  descriptor: number;
  state: FileState;
  disk: Disk;
  hashes: HashPool;
};

export class FolderFile extends FileFacts implements StoredFile {
  readonly #options: FolderFileOptions;

  constructor(options: FolderFileOptions) {
    super(pathBelow(options.below, options.path), options.state);
    this.#options = options;
  }

  read(into: Buffer, position: number): Awaitable<number> {
    const {descriptor, disk, path} = this.#options;
    return disk.read(descriptor, into, position, path);
  }

  unchanged(): Awaitable<boolean> {
    const {descriptor, disk, path, state} = this.#options;
    return andThen(disk.call('stateOf', descriptor, path), now => isSameState(state, now));
  }

  async digests(
    {algorithm, spans}: DigestsQuestion,
    {computed, ...client}: LongWorkClient & {computed(first: number, digests: Uint8Array): void},
  ): Promise<void> {
    const {descriptor, hashes, path} = this.#options;
    const job = {kind: 'digests', descriptor, size: this.size, algorithm, spans} as const;
    const progress: HashClient['progress'] = ({first, digests}) => {
      if (first !== undefined && digests !== undefined) {
        computed(first, digests);
      }
    };
    if ((await hashes.run(job, {...client, progress})) === 'short') {
      throw changed(path);
    }
  }

  async hash(
    {algorithm, length}: HashQuestion,
    {progress, ...client}: LongWorkClient & {progress(bytes: number): void},
  ): Promise<string> {
    const {descriptor, hashes, path} = this.#options;
    const job = {kind: 'hash', descriptor, length, algorithm} as const;
    const result = await hashes.run(job, {...client, progress: ({done}) => progress(done)});
    if (result === 'short' || result.digest === undefined) {
      throw changed(path);
    }

    return result.digest;
  }

  close(): void {
    this.#options.disk.release(this.#options.descriptor);
  }
}
