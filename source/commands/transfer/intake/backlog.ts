/**
 * Files and folders that are found and not queued yet, in order. The queue needs about a kilobyte for each transfer, so
 * it gets a bounded number at once. The next entries are kept as objects; those behind them, which may be millions, are
 * kept compressed, at some twenty bytes each.
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

/** Portions that stay uncompressed: some megabytes. To compress an entry and read it again takes 1.5 µs. */
const defaultMostPlain = 10;

/** Default limit of compressed bytes. Beyond it the search has to wait. */
const defaultMostBytes = 268_435_456;

export class Backlog {
  readonly #mostBytes: number;
  readonly #mostPlain: number;
  readonly #portions: (Batch | Buffer)[] = [];
  /** How many of the portions are uncompressed; the others are compressed. */
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

  /** Called when the search has ended. */
  complete(): void {
    this.#isComplete = true;
    this.#tell();
  }

  /**
   * Resolves once there is memory for more. It resolves at once until something is taken: before that nothing would
   * make room.
   */
  async room(): Promise<void> {
    while (this.#isTaken && this.#bytes > this.#mostBytes) {
      await this.#changed.promise;
    }
  }

  /** All entries, which stay in the backlog. */
  *all(): Generator<Batch> {
    for (const portion of this.#portions) {
      yield batchIn(portion);
    }

    yield this.#newest;
  }

  /**
   * Take out the first batch; waits until something is found, or the search has ended. Once `stop` is aborted, this
   * takes nothing out.
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
  // `add` has packed this value: JSON loses nothing of it.
  return Buffer.isBuffer(portion)
    ? (JSON.parse(inflateRawSync(portion).toString()) as Batch)
    : portion;
}
