/**
 * Reads the rows of a queue from its database: first all of them, a slice at a time, then those that
 * other processes have written since.
 */
import type {QueueStore} from '../database/queue-store.ts';
import type {StoredTransfer} from '../database/stored-transfer.ts';
import {Unread} from './rows/unread.ts';

type ReaderListener = {
  /** Transfers that were there before, a slice at a time, in order. */
  loaded(transfers: readonly StoredTransfer[]): void;
  /** All that were there before are read. */
  complete(): void;
  /** Transfers that were added or changed since, cleared ones too. */
  changed(transfers: readonly StoredTransfer[]): void;
};

/** Rows that are read between two turns of the event loop: it takes some milliseconds. */
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

  /** @param server whose queue this is, as `host:port`. The store stays the caller's. */
  constructor(store: QueueStore, server: string, listener: ReaderListener) {
    this.#store = store;
    this.#server = server;
    this.#listener = listener;
    this.#seq = store.seq;
  }

  /** Read all that is there: the first slice at once, the others as there is time. */
  load(): void {
    this.#loadBehind(undefined);
  }

  /** How many transfers are not read yet, by state; undefined: none. */
  get unread(): Pick<Unread, 'counts' | 'bytes' | 'total'> | undefined {
    return this.#loading ? this.#unread : undefined;
  }

  get loading(): boolean {
    return this.#loading && !this.#closed;
  }

  /** When a transfer was put into the queue; undefined if that cannot be read now. */
  addedMs(id: number): number | undefined {
    return attempt(() => this.#store.addedMs(id));
  }

  /** Whether other processes have written since this was last asked: some microseconds. */
  get hasNews(): boolean {
    const version = attempt(() => this.#store.dataVersion);
    const isNew = version !== undefined && version !== this.#dataVersion;
    this.#dataVersion = version ?? this.#dataVersion;
    return isNew;
  }

  /** Read rows that others have written. @returns false if that is not possible now. */
  look(): boolean {
    const read = attempt(() => ({
      seq: this.#store.seq,
      changed: this.#store.changedSince(this.#server, this.#seq),
    }));
    if (read === undefined) {
      // Asked again the next time.
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

/** The result of reading the database; undefined if its disk fails, or another process holds it. */
function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
