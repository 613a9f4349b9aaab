/**
 * Keeps the rows of a queue and its database the same: what happens here is written, a few times
 * a second at most; what other clients wrote is read, and told to the queue.
 */
import {isBusy} from '../database/queue-database.ts';
import type {Change, QueueStore} from '../database/queue-store.ts';
import type {StoredState, StoredTransfer} from '../database/stored-transfer.ts';
import type {NewTransfer} from '../terms/new-transfer.ts';
import {isRunning, type TransferState, waitsForRoom} from '../terms/transfer-state.ts';
import type {Row} from './row.ts';
import {Unread} from './unread.ts';

/** Where a journal tells of what is in the database. */
export type JournalListener = {
  /** Transfers that were there before, a slice at a time, in order; none: that was all. */
  loaded(transfers: readonly StoredTransfer[]): void;
  /** Transfers that another client has added or changed. */
  changed(transfers: readonly StoredTransfer[]): void;
  /** About once a second: time to see whether other clients are still at work. */
  looked(): void;
};

const writeEveryMs = 500;
const lookEveryMs = 1000;

/** Rows that are read between two turns of the event loop: it takes some milliseconds. */
const sliceRows = 250;

export class QueueJournal {
  readonly #store: QueueStore;
  readonly #server: string;
  readonly #listener: JournalListener;
  readonly #dirty = new Set<Row>();
  #writeTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  readonly #lookTimer: NodeJS.Timeout;
  #unread: Unread | undefined;
  #seq: number;
  #dataVersion: number;
  #loading = true;
  #closed = false;

  /** @param server whose queue this is, as `host:port`. The store stays the caller's. */
  constructor(store: QueueStore, server: string, listener: JournalListener) {
    this.#store = store;
    this.#server = server;
    this.#listener = listener;
    this.#seq = store.seq;
    this.#dataVersion = store.dataVersion;
    this.#lookTimer = setInterval(() => this.#look(), lookEveryMs);
    // Nothing has to be kept alive to hear of other clients.
    this.#lookTimer.unref();
  }

  /** Tell of what is there: the first slice at once, the others as there is time. */
  load(): void {
    this.#loadBehind(undefined);
  }

  /** What there is that has not been told yet; undefined: nothing. */
  get unread(): Pick<Unread, 'counts' | 'total'> | undefined {
    return this.loading ? this.#unread : undefined;
  }

  /** `stored` is taken over, for the first time. */
  taken(stored: StoredTransfer): void {
    this.#unread?.read(stored);
  }

  /** Whether what is written is there for the next time. */
  get isKept(): boolean {
    return attempt(() => this.#store.isThere, false);
  }

  /** Whether not all that was there before has been told yet. */
  get loading(): boolean {
    return this.#loading && !this.#closed;
  }

  /** @returns ids and places in the queue, in the same order; undefined if it could not be written. */
  add(transfers: readonly NewTransfer[]): {id: number; position: number}[] | undefined {
    return attempt(() => this.#store.add(this.#server, transfers), undefined);
  }

  /** Those of `rows` that this client now has for itself; undefined: ask again in a moment. */
  claim(rows: readonly Row[]): Row[] | undefined {
    const unclaimed = rows.filter(row => !row.claimed);
    if (unclaimed.some(row => this.#dirty.has(row))) {
      // The database decides: it has to know what was decided here.
      this.write();
    }

    if (unclaimed.length === 0) {
      return [...rows];
    }

    const ids = unclaimed.map(row => row.id);
    let claimed: Set<number>;
    try {
      claimed = new Set(this.#store.claim(ids));
    } catch (error) {
      return isBusy(error) ? undefined : [...rows];
    }

    for (const row of unclaimed) {
      row.claimed = claimed.has(row.id);
    }

    return rows.filter(row => row.claimed);
  }

  /** Ids of those of `rows` that are paused there, and now queued; undefined: it cannot be written. */
  resume(rows: readonly Row[]): Set<number> | undefined {
    // What has been decided here comes first: it may be that they are paused.
    this.write();
    const ids = rows.map(row => row.id);
    return attempt(() => new Set(this.#store.order(ids, 'queued', ['paused'])), undefined);
  }

  /** `rows` as they are in the database, without those that are gone; undefined: it cannot be read. */
  read(rows: readonly Row[]): StoredTransfer[] | undefined {
    return attempt(() => this.#store.read(rows.map(row => row.id)), undefined);
  }

  /** Whether the client of that name is still at work. */
  isAlive(owner: string): boolean {
    return attempt(() => this.#store.isAlive(owner), true);
  }

  /** Whether this client has claimed it. */
  isOwn({owner}: StoredTransfer): boolean {
    return owner === this.#store.owner;
  }

  /** `row` is to be written soon. */
  changed(row: Row): void {
    this.#dirty.add(row);
    this.#writeTimer ??= setTimeout(() => this.write(), writeEveryMs);
  }

  /** What has changed in `row` is not to be written. */
  forget(row: Row): void {
    this.#dirty.delete(row);
  }

  /** Write what has changed now. @returns whether nothing is left to write. */
  write(): boolean {
    clearTimeout(this.#writeTimer);
    this.#writeTimer = undefined;
    if (this.#dirty.size === 0 || this.#closed) {
      return this.#dirty.size === 0;
    }

    const rows = [...this.#dirty];
    const written = attempt(() => {
      this.#store.save(rows.map(changeOf));
      return true;
    }, false);
    if (!written) {
      // The disk is full, or another client holds the database: they are written later.
      this.#writeTimer = setTimeout(() => this.write(), writeEveryMs);
      return false;
    }

    this.#dirty.clear();
    for (const row of rows) {
      row.claimed &&= row.run !== undefined || isRunning(row.state);
    }

    return true;
  }

  /** `rows` have other places. */
  place(rows: readonly Row[]): void {
    attempt(() => this.#store.place(rows), undefined);
  }

  /** `row` has another priority. */
  prioritize({id, priority}: Row): void {
    attempt(() => this.#store.prioritize([id], priority), []);
  }

  /** Forget rows for good, in every client. */
  remove(rows: readonly Row[]): void {
    for (const row of rows) {
      this.#dirty.delete(row);
    }

    const ids = rows.map(row => row.id);
    attempt(() => this.#store.order(ids, 'removed'), undefined);
  }

  /** Write what is left, and stop. */
  close(): void {
    this.write();
    this.#closed = true;
    clearTimeout(this.#writeTimer);
    clearTimeout(this.#retryTimer);
    clearInterval(this.#lookTimer);
  }

  #loadBehind(before: StoredTransfer | undefined): void {
    if (this.#closed) {
      return;
    }

    const slice = attempt(() => this.#store.load(this.#server, before, sliceRows), undefined);
    if (slice === undefined) {
      this.#retryTimer = setTimeout(() => this.#loadBehind(before), lookEveryMs);
      return;
    }

    const last = slice.at(-1);
    this.#loading = last !== undefined;
    if (before === undefined || last === undefined) {
      this.#unread = last && this.#countAll();
    }

    this.#listener.loaded(slice);
    if (last !== undefined) {
      setImmediate(() => this.#loadBehind(last));
    }
  }

  #countAll(): Unread | undefined {
    const counted = attempt(() => this.#store.count(this.#server), undefined);
    return counted && new Unread(counted, owner => this.isAlive(owner));
  }

  #look(): void {
    const dataVersion = attempt(() => this.#store.dataVersion, this.#dataVersion);
    // First what is decided here: what is read would be older than that.
    if (dataVersion !== this.#dataVersion && this.write()) {
      const read = attempt(
        () => ({
          seq: this.#store.seq,
          changed: this.#store.changedSince(this.#server, this.#seq),
        }),
        undefined,
      );
      if (read !== undefined) {
        this.#dataVersion = dataVersion;
        this.#seq = read.seq;
        this.#listener.changed(read.changed);
      }
    }

    this.#listener.looked();
  }
}

/**
 * What the database gives, or `otherwise` if it cannot: its disk is full, or another client holds it
 * for long. Downloads go on all the same: what it says only saves work.
 */
function attempt<Result>(work: () => Result, otherwise: Result): Result {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

function changeOf(row: Row): Change {
  const {id, state, size, version, verifiedBytes, reusedBytes, claimed} = row;
  return {
    id,
    state: storedState(state),
    outcome: state.name === 'done' ? state.outcome : undefined,
    ...reasonOf(state),
    size,
    version,
    verifiedBytes,
    reusedBytes,
    mine: claimed,
  };
}

function reasonOf(state: TransferState): Pick<Change, 'code' | 'reason'> {
  return state.name === 'failed'
    ? {code: state.code, reason: state.reason}
    : waitsForRoom(state)
      ? {code: 'no_space', reason: state.noRoom}
      : {};
}

function storedState(state: TransferState): StoredState {
  switch (state.name) {
    case 'connecting':
    case 'checking':
    case 'copying':
    case 'downloading':
    case 'finishing':
      return 'running';
    default:
      return state.name;
  }
}
