/**
 * One queue that several processes have open: which of them works on it, and what each of them learns from the
 * database. Four times a second it checks whether other processes have written. A companion also tries to take the
 * lease, so that it takes over a moment after the worker has ended.
 */
import {JangadaError} from '../../../protocol/errors.ts';
import type {Holder} from '../database/locks/places.ts';
import type {QueueStore} from '../database/queue-store.ts';
import type {StoredTransfer} from '../database/stored-transfer.ts';
import type {NewTransfer} from '../terms/new-transfer.ts';
import {Companion} from './companion.ts';
import {Journal} from './journal.ts';
import {QueueLease} from './queue-lease.ts';
import {Reader} from './reader.ts';
import {type Row, rowAfter, rowFromStore} from './rows/row.ts';
import type {RowChanges} from './rows/row-changes.ts';
import type {Rows} from './rows/rows.ts';
import type {SharedQueueListener} from './shared-queue-listener.ts';
import {WishBox} from './wish-box.ts';

type SharedQueueTools = {rows: Rows; changes: RowChanges; store: QueueStore; server: string};

const lookEveryMs = 250;

export class SharedQueue {
  readonly journal: Journal;
  readonly #tools: SharedQueueTools;
  readonly #listener: SharedQueueListener;
  readonly #lease: QueueLease;
  readonly #reader: Reader;
  #companion: Companion | undefined;
  #isLooking = false;
  readonly #wishes: WishBox;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @throws the system's error if there can be no lease, because its folder cannot be written; the error of SQLite if
   * the database cannot be read.
   */
  constructor(tools: SharedQueueTools, listener: SharedQueueListener) {
    const {rows, changes, store, server} = tools;
    this.#tools = tools;
    this.#listener = listener;
    this.journal = new Journal(rows, store, server, listener.blocksOf);
    this.#wishes = new WishBox({rows, store, server, journal: this.journal}, listener.carryOut);
    this.#reader = new Reader(store, server, {
      loaded: transfers => this.#take(transfers),
      complete: () => this.#complete(),
      changed: transfers => this.#take(transfers),
    });
    // Take the lease last: an unreadable database throws before, and must not leave the lease taken.
    this.#lease = new QueueLease(store, server);
    if (!this.#lease.take()) {
      this.#companion = new Companion(rows, changes, store, server);
    }
  }

  /** Read the rows, and check for changes from now on, until `close`. */
  start(): void {
    if (this.#companion === undefined) {
      this.#lease.announce();
      this.#listener.works();
    } else {
      this.#findWorker();
    }

    this.#reader.load();
    // The process need not stay alive to notice changes by other processes.
    this.#timer = setInterval(() => this.look(), lookEveryMs).unref();
  }

  /** Set in a companion: it shows the queue and passes wishes on. */
  get companion(): Companion | undefined {
    return this.#companion;
  }

  /** The process that works on the queue, if it is another one. */
  get worker(): Holder | undefined {
    return this.#companion === undefined ? undefined : this.#lease.worker;
  }

  get loading(): boolean {
    return this.#reader.loading;
  }

  /** The number of transfers that were not read yet, by state; undefined if there are none. */
  get unread(): Reader['unread'] {
    return this.#reader.unread;
  }

  /** Whether the rows are in the database, or will be. */
  get isKept(): boolean {
    return this.#tools.store.isThere && (this.#companion !== undefined || this.journal.isKept);
  }

  /** When the transfer was added; undefined if that is not known or cannot be read now. */
  addedMs(id: number): number | undefined {
    return this.#reader.addedMs(id);
  }

  /**
   * Add transfers at the end of their priority.
   *
   * @throws JangadaError `local_io` in a companion, if the database cannot be written; `unsupported` for an expected
   * content: the database does not store it, so the next worker would accept any content.
   */
  add(transfers: readonly NewTransfer[]): Row[] {
    if (transfers.some(({expect}) => expect !== undefined)) {
      throw new JangadaError('unsupported', 'A stored queue cannot keep expected contents');
    }

    return (this.#companion ?? this.journal).add(transfers);
  }

  /**
   * Write all unwritten changes, and let another process work on the queue.
   *
   * @throws JangadaError `local_io` if wishes of a companion cannot be written and are lost.
   */
  close(): void {
    clearInterval(this.#timer);
    this.#reader.close();
    if (this.#companion === undefined) {
      this.journal.close();
    } else {
      this.#companion.write();
    }

    this.#lease[Symbol.dispose]();
    const lost = this.#companion?.unwritten.length ?? 0;
    if (lost > 0) {
      throw new JangadaError(
        'local_io',
        `The queue could not be written: process ${this.#lease.worker?.pid ?? 0} did not get the last ${lost} of your requests. Repeat them`,
      );
    }
  }

  /** Keep the process alive to notice the worker's changes, until the result is disposed of. */
  keepAlive(): Disposable {
    this.#timer?.ref();
    return {[Symbol.dispose]: () => this.#timer?.unref()};
  }

  /** Check for changes now. */
  look(): void {
    if (this.#isLooking) {
      return;
    }

    this.#isLooking = true;
    try {
      this.#look();
    } finally {
      this.#isLooking = false;
    }
  }

  #look(): void {
    const hasNews = this.#reader.hasNews;
    if (this.#companion !== undefined) {
      this.#companion.tick();
      if (this.#companion.write()) {
        this.#listener.changed();
      }

      this.#takeOver();
    }

    if (this.#companion === undefined) {
      this.#lease.announce();
    }

    if (hasNews && this.#reader.look()) {
      this.#findWorker();
      this.#carryOutWishes();
      this.#listener.looked();
    }

    this.#wishes.answerDeleting();
  }

  /** Carry out the wishes of companions, once all rows are here. */
  #carryOutWishes(): void {
    if (this.#companion === undefined && !this.#reader.loading) {
      this.#wishes.carryOut();
    }
  }

  #take(transfers: readonly StoredTransfer[]): void {
    if (this.#companion === undefined) {
      this.#adopt(transfers);
    } else {
      this.#companion.take(transfers);
    }

    this.#listener.changed();
  }

  /**
   * The worker keeps the rows that it has: they are newer than the database. Other rows were added by another process.
   */
  #adopt(transfers: readonly StoredTransfer[]): void {
    const {rows, changes} = this.#tools;
    const added = transfers
      .filter(
        ({id, removed}) => !removed && rows.get(id) === undefined && !this.journal.isKnown(id),
      )
      // No process works on the row: if one did, it has ended.
      .map(stored => rowAfter(rowFromStore(stored), {type: 'abandoned'}));
    if (added.length > 0) {
      changes.put(added);
      this.#listener.added(added);
    }
  }

  #complete(): void {
    this.#carryOutWishes();
    this.#listener.changed();
  }

  /** Become the worker if the former one has ended. */
  #takeOver(): void {
    // First read the last rows that it wrote: finished work must not be repeated.
    if (this.#companion === undefined || this.#reader.loading || !this.#lease.tryToTake()) {
      return;
    }

    if (!this.#reader.look()) {
      return;
    }

    const companion = this.#companion;
    companion.tick();
    this.#companion = undefined;
    const {rows, changes} = this.#tools;
    for (const id of [...rows.running]) {
      changes.apply(id, {type: 'abandoned'});
    }

    this.#lease.announce();
    this.#listener.works();
    this.#listener.added(rows.all);
    // Older wishes first, so that the user's last wish wins.
    this.#carryOutWishes();
    for (const wish of companion.takeUnwritten()) {
      this.#listener.carryOut(wish);
    }

    this.#listener.changed();
  }

  #findWorker(): void {
    if (this.#companion !== undefined && this.#lease.findWorker()) {
      this.#listener.changed();
    }
  }
}
