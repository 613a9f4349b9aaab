/**
 * Reads the folder on the screen: its entries are added to a listing, batch by batch. If a lost connection cuts the
 * reading, it begins again on another connection.
 */
import {type DisplayText, displayName} from '../../../../../protocol/display-text.ts';
import {isJangadaError, isTransient} from '../../../../../protocol/errors.ts';
import type {Entry} from '../../../../../protocol/messages.ts';
import type {RemotePath} from '../../../../../protocol/remote-path.ts';
import {giveMemoryBack} from '../../../../memory-budget.ts';
import type {FoundBatch} from '../../../../transfers/download/search.ts';
import type {FolderListing} from '../folder-listing.ts';
import {QuietWatch} from './quiet-watch.ts';
import {ReadAgain} from './read-again.ts';

/** Reading so many entries makes tens of megabytes of garbage. */
const manyEntries = 100_000;

/** The part of the client that reads folders. */
export type FolderSource = {
  /** Entries of a folder in batches, as `Client.list` gives them. */
  list(path: RemotePath, options: {signal: AbortSignal}): AsyncIterable<readonly Entry[]>;
  /** Entries below a folder that masks match, in the form of `findInTree`. */
  find(
    path: RemotePath,
    masks: readonly string[],
    options: {signal: AbortSignal},
  ): AsyncIterable<FoundBatch>;
  /** Whether there is a connection. */
  isConnected(): boolean;
};

type ReaderOptions = {
  /** Called when entries have come, the first (`now`) or more (`soon`), or when nothing has come for a long time. */
  readonly changed: (when: 'now' | 'soon') => void;
  /** Called when a reading has ended, complete or with an error; not if it was stopped. */
  readonly ended: () => void;
  /** Called when a folder has to be read again because its reading was cut. */
  readonly again: () => void;
  /** After so long without an entry the reading counts as quiet. */
  readonly quietMs: number | undefined;
};

export class FolderReader {
  readonly #source: FolderSource;
  readonly #options: ReaderOptions;
  readonly #again: ReadAgain;
  readonly #quiet: QuietWatch;
  #reading: AbortController | undefined;
  #error: DisplayText | undefined;
  // Whether the last error was a lost connection. Then the folder is read again: at once if there is another
  // connection, or else once there is one.
  #isCut = false;

  constructor(source: FolderSource, options: ReaderOptions) {
    this.#source = source;
    this.#options = options;
    this.#quiet = new QuietWatch(() => options.changed('now'), options.quietMs);
    this.#again = new ReadAgain(() => {
      if (this.#source.isConnected()) {
        options.again();
      }
    });
  }

  get isReading(): boolean {
    return this.#reading !== undefined;
  }

  /** Why the last reading is incomplete; undefined if it is complete, or still runs. */
  get error(): DisplayText | undefined {
    return this.#error;
  }

  /** Whether the last reading lost its connection: the folder will be read again. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Whether a folder is being read, and nothing has come for a while. */
  get isQuiet(): boolean {
    return this.#quiet.isQuiet;
  }

  /** Another folder is opened: attempts to read are counted from zero. */
  reset(): void {
    this.#again.reset();
  }

  /** Prepare for a new reading: stop the previous one, and do not repeat it. */
  clear(): void {
    this.#again.begun();
    this.#error = undefined;
    this.#isCut = false;
    this.#reading?.abort();
    this.#reading = new AbortController();
    this.#quiet.heard();
  }

  /** Read the folder of `listing` into it, after `clear`. */
  read(listing: FolderListing): void {
    if (this.#reading !== undefined) {
      void this.#read(listing, this.#reading);
    }
  }

  async #read(listing: FolderListing, reading: AbortController): Promise<void> {
    const {signal} = reading;
    let when: 'now' | 'soon' = 'now';
    try {
      for await (const add of this.#batches(listing, signal)) {
        // Entries that arrive after a reading was stopped are dropped.
        if (signal.aborted) {
          return;
        }

        add();
        this.#quiet.heard();
        this.#options.changed(when);
        when = 'soon';
        // Further results of a search are counted.
        if (listing.isFull && listing.search === undefined) {
          break;
        }
      }

      this.#again.reset();
    } catch (error) {
      if (signal.aborted || isJangadaError(error, 'aborted')) {
        return;
      }

      this.#error = displayName(error instanceof Error ? error.message : String(error));
      this.#isCut = isTransient(error);
      if (this.#isCut) {
        this.#again.cut();
      }
    }

    if (this.#reading === reading) {
      this.#reading = undefined;
      this.#quiet.stop();
      // A reading that was cut begins again, and makes as much garbage again.
      if (listing.table.size >= manyEntries && !this.#isCut) {
        giveMemoryBack();
      }

      this.#options.ended();
    }
  }

  /** Functions that each add one batch to the listing. */
  async *#batches(listing: FolderListing, signal: AbortSignal): AsyncGenerator<() => void> {
    const {path, search} = listing;
    if (search === undefined) {
      for await (const entries of this.#source.list(path, {signal})) {
        yield () => listing.add(entries);
      }
    } else {
      for await (const batch of this.#source.find(path, search.masks, {signal})) {
        yield () => listing.addFound(batch);
      }
    }
  }

  /** Stop reading: the entries stay, and no reading follows by itself. */
  stop(): void {
    this.#isCut = false;
    this.close();
  }

  /** Stop reading, for good. */
  close(): void {
    this.#again.reset();
    this.#quiet.stop();
    this.#reading?.abort();
    this.#reading = undefined;
  }
}
