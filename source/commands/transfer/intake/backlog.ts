/**
 * Files and folders that are found and not queued yet, in order. A queue has an object of about a
 * kilobyte for each of its transfers, so that it gets a bounded number at once. The next ones are kept as
 * they are found; of those behind them, which may be millions, some twenty compressed bytes are kept.
 */
import {Buffer} from 'node:buffer';
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

/** Such portions that are kept as they are: some megabytes. To compress and to read them again takes 1.5 µs an entry. */
const defaultMostPlain = 20;

/** Compressed bytes beyond which the search has to wait, by default. */
const defaultMostBytes = 268_435_456;

export class Backlog {
  readonly #mostBytes: number;
  readonly #mostPlain: number;
  readonly #portions: (Batch | Buffer)[] = [];
  /** Of those, how many are kept as they are; the others are compressed. */
  #plain = 0;
  #bytes = 0;
  #newest: {files: WantedFile[]; folders: WantedFolder[]} = {files: [], folders: []};
  #isComplete = false;
  /** Whether entries are taken out while others are added. */
  #isTaken = false;
  #changed = Promise.withResolvers<void>();

  /**
   * @param mostBytes compressed bytes beyond which `room` waits.
   * @param mostPlain portions that are not compressed.
   */
  constructor(mostBytes = defaultMostBytes, mostPlain = defaultMostPlain) {
    this.#mostBytes = mostBytes;
    this.#mostPlain = mostPlain;
  }

  add({files, folders}: Batch): void {
    for (const file of files) {
      this.#newest.files.push(file);
    }

    for (const folder of folders) {
      this.#newest.folders.push(folder);
    }

    if (this.#newest.files.length + this.#newest.folders.length >= entriesAtOnce) {
      this.#keep(this.#newest);
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
    for (const portion of this.#portions) {
      yield batchIn(portion);
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
      const portion = this.#portions.shift();
      if (portion !== undefined) {
        if (Buffer.isBuffer(portion)) {
          this.#bytes -= portion.length;
        } else {
          this.#plain--;
        }

        this.#tell();
        return batchIn(portion);
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

  #keep(batch: Batch): void {
    if (this.#plain < this.#mostPlain) {
      this.#plain++;
      this.#portions.push(batch);
    } else {
      const packed = deflateRawSync(JSON.stringify(batch), {level: 1});
      this.#portions.push(packed);
      this.#bytes += packed.length;
    }
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

function batchIn(portion: Batch | Buffer): Batch {
  // It is what `add` has packed: nothing of it is lost as JSON.
  return Buffer.isBuffer(portion)
    ? (JSON.parse(inflateRawSync(portion).toString()) as Batch)
    : portion;
}
