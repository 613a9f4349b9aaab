import {aborted} from '../../../../protocol/errors.ts';
import type {SmallFileHashes} from '../../hashing/checker.ts';
import type {SmallFile, SmallFileTools} from './small-file.ts';

/** Files and bytes that go to one thread together, and how many such jobs wait for their threads. */
const filesPerJob = 64;
const bytesPerJob = 1_048_576;
const jobsAhead = 4;

/** Hashes files on the threads, in their order, a few at a time. */
export class SmallFileHashing {
  readonly #tools: SmallFileTools;
  readonly #files: ReadonlyArray<SmallFile>;
  readonly #hashes = new Map<SmallFile, PromiseWithResolvers<SmallFileHashes>>();
  readonly #runs: Array<Promise<void>>;
  #next = 0;

  constructor(files: readonly SmallFile[], tools: SmallFileTools) {
    this.#tools = tools;
    this.#files = files;
    for (const file of this.#files) {
      const hashes = Promise.withResolvers<SmallFileHashes>();
      // The connection may be lost before the answer, which is when somebody waits for this.
      hashes.promise.catch(() => {});
      this.#hashes.set(file, hashes);
    }

    this.#runs = Array.from({length: jobsAhead}, () => this.#run());
  }

  /** The hashes of one of the files; undefined for any other. @throws JangadaError */
  async of(file: SmallFile): Promise<SmallFileHashes | undefined> {
    return await this.#hashes.get(file)?.promise;
  }

  /** Begin no other file. */
  stop(): void {
    for (const file of this.#files.slice(this.#next)) {
      this.#hashes.get(file)?.reject(aborted());
    }

    this.#next = this.#files.length;
  }

  /** Resolves when no file is open any more, or will be. */
  async settled(): Promise<void> {
    this.stop();
    await Promise.all(this.#runs);
  }

  async #run(): Promise<void> {
    const {algorithm, checker, checksums} = this.#tools;
    for (let files = this.#take(); files.length > 0; files = this.#take()) {
      const options = {
        ...{algorithm, follow: false},
        checksums: checksums || files.some(({sha256}) => sha256 !== undefined),
      };
      try {
        const paths = files.map(({folder, name}) => folder.at(name));
        const all = await checker.smallFiles(paths, options);
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

  #take(): SmallFile[] {
    const files: SmallFile[] = [];
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
