/**
 * Keeps the rows of a queue and its database the same: what happens here is written, a few times
 * a second at most; what other clients wrote is read, and told to the queue.
 */
import type {Change, QueueStore} from './queue-store.ts';
import type {NewTransfer, Row} from './row.ts';
import type {StoredState, StoredTransfer} from './stored-transfer.ts';
import {isRunning, type TransferState} from './transfer-state.ts';

/** Where a journal tells of what is in the database. */
export type JournalListener = {
  /** Transfers that were there before, a slice at a time, in order. */
  loaded(transfers: readonly StoredTransfer[]): void;
  /** Transfers that another client has added or changed. */
  changed(transfers: readonly StoredTransfer[]): void;
  /** About once a second: time to see whether other clients are still at work. */
  looked(): void;
};

const writeEveryMs = 500;
const lookEveryMs = 1000;

/** Rows that are read between two turns of the event loop. */
const sliceRows = 2000;

export class QueueJournal {
  readonly #store: QueueStore;
  readonly #server: string;
  readonly #listener: JournalListener;
  readonly #dirty = new Set<Row>();
  #writeTimer: NodeJS.Timeout | undefined;
  readonly #lookTimer: NodeJS.Timeout;
  #seq: number;
  #dataVersion: number;
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
    this.#loadBehind(Number.NEGATIVE_INFINITY);
  }

  /** @returns ids and places in the queue, in the same order. */
  add(transfers: readonly NewTransfer[]): {id: number; position: number}[] {
    return this.#store.add(this.#server, transfers);
  }

  /** Those of `rows` that this client now has for itself. */
  claim(rows: readonly Row[]): Row[] {
    const unclaimed = rows.filter(row => !row.claimed);
    if (unclaimed.some(row => this.#dirty.has(row))) {
      // The database decides: it has to know what was decided here.
      this.write();
    }

    const claimed = new Set(this.#store.claim(unclaimed.map(row => row.id)));
    for (const row of unclaimed) {
      row.claimed = claimed.has(row.id);
    }

    return rows.filter(row => row.claimed);
  }

  /** Tell again of `rows` as they are in the database. */
  refresh(rows: readonly Row[]): void {
    this.#listener.changed(this.#store.read(rows.map(row => row.id)));
  }

  /** Whether the client of that name is still at work. */
  isAlive(owner: string): boolean {
    return this.#store.isAlive(owner);
  }

  /** `row` is to be written soon. */
  changed(row: Row): void {
    this.#dirty.add(row);
    this.#writeTimer ??= setTimeout(() => this.write(), writeEveryMs);
  }

  /** Write what has changed now. */
  write(): void {
    clearTimeout(this.#writeTimer);
    this.#writeTimer = undefined;
    if (this.#dirty.size === 0 || this.#closed) {
      return;
    }

    const rows = [...this.#dirty];
    try {
      this.#store.save(rows.map(changeOf));
    } catch {
      // A full disk, or another client that holds the database for long. Nothing is lost: what
      // it says only saves work. These rows are written with the next that change.
      return;
    }

    this.#dirty.clear();
    for (const row of rows) {
      row.claimed &&= row.run !== undefined || isRunning(row.state);
    }
  }

  place(row: Row): void {
    this.#store.place(row.id, row.position);
  }

  /** Forget rows for good, in every client. */
  remove(rows: readonly Row[]): void {
    for (const row of rows) {
      this.#dirty.delete(row);
    }

    this.#store.order(
      rows.map(row => row.id),
      'removed',
    );
  }

  /** Write what is left, and stop. */
  close(): void {
    this.write();
    this.#closed = true;
    clearInterval(this.#lookTimer);
  }

  #loadBehind(position: number): void {
    if (this.#closed) {
      return;
    }

    const slice = this.#store.load(this.#server, position, sliceRows);
    const last = slice.at(-1);
    if (last !== undefined) {
      this.#listener.loaded(slice);
      setImmediate(() => this.#loadBehind(last.position));
    }
  }

  #look(): void {
    const {dataVersion} = this.#store;
    if (dataVersion !== this.#dataVersion) {
      this.#dataVersion = dataVersion;
      // First what is decided here, so that what is read below is newer.
      this.write();
      const before = this.#seq;
      this.#seq = this.#store.seq;
      this.#listener.changed(this.#store.changedSince(this.#server, before));
    }

    this.#listener.looked();
  }
}

function changeOf(row: Row): Change {
  const {id, state, size, verifiedBytes, reusedBytes, claimed} = row;
  return {
    id,
    state: storedState(state),
    outcome: state.name === 'done' ? state.outcome : undefined,
    code: state.name === 'failed' ? state.code : undefined,
    reason: state.name === 'failed' ? state.reason : undefined,
    size,
    verifiedBytes,
    reusedBytes,
    mine: claimed,
  };
}

function storedState(state: TransferState): StoredState {
  switch (state.name) {
    case 'connecting':
    case 'checking':
    case 'downloading':
    case 'finishing':
      return 'running';
    default:
      return state.name;
  }
}
