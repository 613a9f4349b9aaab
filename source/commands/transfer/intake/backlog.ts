/**
 * Files and folders that are found and not queued yet, in order. A queue has an object of about a
 * kilobyte for each of its transfers, so that it gets a bounded number at once; of the others, which
 * may be millions, some twenty compressed bytes are kept.
 */
import {deflateRawSync, inflateRawSync} from 'node:zlib';
import type {WantedFile} from '../../../transfers/terms/new-transfer.ts';
import type {WantedFolder} from '../folder-here.ts';

/** Files and folders that are found together. */
export type Batch = {
  readonly files: readonly WantedFile[];
  /** Folders to make in the target folder. */
  readonly folders: readonly WantedFolder[];
};

/** Entries that are compressed together: about a millisecond of work. */
const entriesAtOnce = 1000;

/** Compressed bytes beyond which the search has to wait, by default. */
const defaultMostBytes = 268_435_456;

export class Backlog {
  readonly #mostBytes: number;
  readonly #packed: Buffer[] = [];
  #bytes = 0;
  #newest: {files: WantedFile[]; folders: WantedFolder[]} = {files: [], folders: []};
  #isComplete = false;
  /** Whether entries are taken out while others are added. */
  #isTaken = false;
  #changed = Promise.withResolvers<void>();

  /** @param mostBytes compressed bytes beyond which `room` waits. */
  constructor(mostBytes = defaultMostBytes) {
    this.#mostBytes = mostBytes;
  }

  add({files, folders}: Batch): void {
    for (const file of files) {
      this.#newest.files.push(file);
    }

    for (const folder of folders) {
      this.#newest.folders.push(folder);
    }

    if (this.#newest.files.length + this.#newest.folders.length >= entriesAtOnce) {
      const packed = deflateRawSync(JSON.stringify(this.#newest), {level: 1});
      this.#packed.push(packed);
      this.#bytes += packed.length;
      this.#newest = {files: [], folders: []};
    }

    this.#tell();
  }

  /** Nothing more will be found. */
  complete(): void {
    this.#isComplete = true;
    this.#tell();
  }

  /** Resolves once there is memory for more; at once as long as nothing was ever taken: nobody would make room. */
  async room(): Promise<void> {
    while (this.#isTaken && this.#bytes > this.#mostBytes) {
      await this.#changed.promise;
    }
  }

  /** All that is in it, which stays in it. */
  *all(): Generator<Batch> {
    for (const packed of this.#packed) {
      yield unpacked(packed);
    }

    yield this.#newest;
  }

  /**
   * Take out what was found first; waits until something is found, or nothing more will be. Once `stop` is
   * aborted, nothing is taken out any more.
   */
  async take(stop?: AbortSignal): Promise<Batch | undefined> {
    this.#isTaken = true;
    while (stop?.aborted !== true) {
      const packed = this.#packed.shift();
      if (packed !== undefined) {
        this.#bytes -= packed.length;
        this.#tell();
        return unpacked(packed);
      }

      const newest = this.#newest;
      if (newest.files.length + newest.folders.length > 0) {
        this.#newest = {files: [], folders: []};
        return newest;
      }

      if (this.#isComplete) {
        return undefined;
      }

      await this.#changed.promise;
    }

    return undefined;
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

function unpacked(packed: Buffer): Batch {
  // It is what `add` has packed: nothing of it is lost as JSON.
  return JSON.parse(inflateRawSync(packed).toString()) as Batch;
}
