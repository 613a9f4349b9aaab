/**
 * Reads the rows of a queue from its database: first all rows, in slices, then rows that other processes have written
 * since.
 */
import type {QueueStore} from '../database/queue-store.ts';
import type {StoredTransfer} from '../database/stored-transfer.ts';
import {Unread} from './rows/unread.ts';

type ReaderListener = {
  /** Transfers that were in the database at the start, in slices, in order. */
  loaded(transfers: readonly StoredTransfer[]): void;
  /** All of these have been read. */
  complete(): void;
  /** Transfers that were added or changed since, including cleared ones. */
  changed(transfers: readonly StoredTransfer[]): void;
};

/** Rows that are read between two turns of the event loop: some milliseconds. */
const sliceRows = 250;

const retryMs = 250;

export class Reader {
  readonly #store: QueueStore;
  readonly #server: string;
  readonly #listener: ReaderListener;
  #unread: Unread | undefined;
  #timer: NodeJS.Timeout | undefined;
  #seq: number;
  #dataVersion = -1;
  #loading = true;
  #closed = false;

  /** @param server the server of the queue, as `host:port`. The caller must close the store. */
  constructor(store: QueueStore, server: string, listener: ReaderListener) {
    this.#store = store;
    this.#server = server;
    this.#listener = listener;
    this.#seq = store.seq;
  }

  /** Read all rows: the first slice at once, the others when there is time. */
  load(): void {
    this.#loadBehind(undefined);
  }

  /** The number of transfers that were not read yet, by state; undefined if there are none. */
  get unread(): Pick<Unread, 'counts' | 'bytes' | 'total'> | undefined {
    return this.#loading ? this.#unread : undefined;
  }

  get loading(): boolean {
    return this.#loading && !this.#closed;
  }

  /** When the transfer was added; undefined if that cannot be read now. */
  addedMs(id: number): number | undefined {
    return attempt(() => this.#store.addedMs(id));
  }

  /** Whether other processes have written since the last call. Takes some microseconds. */
  get hasNews(): boolean {
    const version = attempt(() => this.#store.dataVersion);
    const isNew = version !== undefined && version !== this.#dataVersion;
    this.#dataVersion = version ?? this.#dataVersion;
    return isNew;
  }

  /** Read rows that other processes have written. @returns false if that is not possible now. */
  look(): boolean {
    const read = attempt(() => ({
      seq: this.#store.seq,
      changed: this.#store.changedSince(this.#server, this.#seq),
    }));
    if (read === undefined) {
      // So that the next `hasNews` is true.
      this.#dataVersion = -1;
      return false;
    }

    this.#seq = read.seq;
    if (read.changed.length > 0) {
      this.#listener.changed(read.changed);
    }

    return true;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #loadBehind(before: StoredTransfer | undefined): void {
    if (this.#closed) {
      return;
    }

    const slice = attempt(() => this.#store.load(this.#server, before, sliceRows));
    if (slice === undefined) {
      this.#timer = setTimeout(() => this.#loadBehind(before), retryMs);
      return;
    }

    const last = slice.at(-1);
    this.#loading = last !== undefined;
    if (last === undefined) {
      this.#unread = undefined;
      this.#listener.complete();
      return;
    }

    if (before === undefined) {
      const counted = attempt(() => this.#store.count(this.#server));
      this.#unread = counted && new Unread(counted);
    }

    this.#unread?.read(slice);
    this.#listener.loaded(slice);
    setImmediate(() => this.#loadBehind(last));
  }
}

/** The result of reading the database; undefined if its disk fails or another process has locked it. */
function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
