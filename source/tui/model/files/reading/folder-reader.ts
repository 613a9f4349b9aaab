/**
 * Reads the folder that is shown: its entries go into a listing, batch by batch. A reading that was
 * cut with its connection begins again over another one.
 */
import {type DisplayText, displayName} from '../../../../../protocol/display-text.ts';
import {isJangadaError, isTransient} from '../../../../../protocol/errors.ts';
import type {Entry} from '../../../../../protocol/messages.ts';
import type {RemotePath} from '../../../../../protocol/remote-path.ts';
import type {FoundBatch} from '../../../../transfers/download/search.ts';
import type {FolderListing} from '../folder-listing.ts';
import {QuietWatch} from './quiet-watch.ts';
import {ReadAgain} from './read-again.ts';

/** The server, as far as folders are read from it. */
export type FolderSource = {
  /** Entries of a folder in batches, as `Client.list` gives them. */
  list(path: RemotePath, options: {signal: AbortSignal}): AsyncIterable<readonly Entry[]>;
  /** Entries below a folder that masks match, as `findInTree` gives them. */
  find(
    path: RemotePath,
    masks: readonly string[],
    options: {signal: AbortSignal},
  ): AsyncIterable<FoundBatch>;
  /** Whether there is a connection. */
  isConnected(): boolean;
};

type ReaderOptions = {
  /** Called when entries have come (`now` for the first ones), or when it has been quiet for long. */
  readonly changed: (when: 'now' | 'soon') => void;
  /** Called when a reading has ended, whole or with an error; not if it was stopped. */
  readonly ended: () => void;
  /** Called when a folder whose reading was cut has to be read once more. */
  readonly again: () => void;
  /** How long nothing may come before it is called quiet. */
  readonly quietMs: number | undefined;
};

export class FolderReader {
  readonly #source: FolderSource;
  readonly #options: ReaderOptions;
  readonly #again: ReadAgain;
  readonly #quiet: QuietWatch;
  #reading: AbortController | undefined;
  #error: DisplayText | undefined;
  // Whether the error is the link's: then the folder is read again, at once over another connection
  // if there is one, or else once the link is back.
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

  /** Why the last reading is not whole; undefined if it is, or goes on. */
  get error(): DisplayText | undefined {
    return this.#error;
  }

  /** Whether the connection of the last reading was lost: the folder will be read again. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Whether a folder is being read of which nothing has come for a while. */
  get isQuiet(): boolean {
    return this.#quiet.isQuiet;
  }

  /** Another folder is asked for: attempts to read are counted anew. */
  reset(): void {
    this.#again.reset();
  }

  /** A reading begins: the one before ends, and none has to follow by itself. */
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
    // The first entries are what somebody waits for.
    let isFirst = true;
    try {
      for await (const add of this.#batches(listing, signal)) {
        // Late entries of a reading that was stopped are nobody's.
        if (signal.aborted) {
          return;
        }

        add();
        this.#quiet.heard();
        this.#options.changed(isFirst ? 'now' : 'soon');
        isFirst = false;
        // What a search finds beyond that is counted.
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
      this.#options.ended();
    }
  }

  /** What adds each batch to the listing. */
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

  /** Stop reading: what has come stays, and nothing follows by itself. */
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
