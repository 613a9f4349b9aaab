import {aborted} from '../../../protocol/errors.ts';
import type {Checker, SmallFileHashes, SmallHashOptions} from './checker.ts';

/** A file of at most one block: its path for system calls, and its approximate size in bytes. */
export type FileToOpen = {readonly at: string | Uint8Array; readonly size: number};

/** Most files and bytes in one job for a thread, and number of jobs that wait for threads. */
const filesPerJob = 128;
const bytesPerJob = 1_048_576;
const jobsAhead = 4;

/** Hashes many small files on the threads, in order, several at a time. */
export class SmallHashing<File extends FileToOpen> {
  readonly #checker: Checker;
  readonly #options: SmallHashOptions;
  readonly #files: readonly File[];
  readonly #hashes = new Map<File, PromiseWithResolvers<SmallFileHashes>>();
  readonly #runs: ReadonlyArray<Promise<void>>;
  #next = 0;

  /** @param files must stay at their paths until `settled`. */
  constructor(checker: Checker, files: readonly File[], options: SmallHashOptions) {
    this.#checker = checker;
    this.#options = options;
    this.#files = files;
    for (const file of files) {
      const hashes = Promise.withResolvers<SmallFileHashes>();
      // Nobody may ever await it.
      hashes.promise.catch(() => {});
      this.#hashes.set(file, hashes);
    }

    this.#runs = Array.from({length: jobsAhead}, () => this.#run());
  }

  /** The hashes of one file. @throws JangadaError `aborted` if hashing was stopped before this file. */
  async of(file: File): Promise<SmallFileHashes> {
    return (await this.#hashes.get(file)?.promise) ?? {kind: 'changed'};
  }

  /** Begin no further file. */
  stop(): void {
    for (const file of this.#files.slice(this.#next)) {
      this.#hashes.get(file)?.reject(aborted());
    }

    this.#next = this.#files.length;
  }

  /** Stop. Resolves when no file is open any more. */
  async settled(): Promise<void> {
    this.stop();
    await Promise.all(this.#runs);
  }

  async #run(): Promise<void> {
    for (let files = this.#take(); files.length > 0; files = this.#take()) {
      try {
        const all = await this.#checker.smallFiles(
          files.map(({at}) => at),
          this.#options,
        );
        for (const [index, file] of files.entries()) {
          this.#hashes.get(file)?.resolve(all[index] ?? {kind: 'changed'});
        }
      } catch (error) {
        for (const file of files) {
          this.#hashes.get(file)?.reject(error);
        }
      }
    }
  }

  #take(): File[] {
    const files: File[] = [];
    for (let bytes = 0; bytes < bytesPerJob && files.length < filesPerJob; ) {
      const file = this.#files[this.#next];
      if (file === undefined) {
        break;
      }

      this.#next++;
      files.push(file);
      bytes += file.size;
    }

    return files;
  }
}
