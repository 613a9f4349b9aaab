/**
 * One queue that several processes have open: which of them works on it, and what each learns from
 * the database. Four times a second this looks whether others have written anything; a companion
 * also tries to take the lease, so that it takes over within a moment of the worker's end.
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
   * @throws the system's error where there can be no lease: its folder cannot be written; what SQLite
   * throws where the database cannot be read.
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
    // At last: a database that cannot be read throws before, and must not leave the lease taken.
    this.#lease = new QueueLease(store, server);
    if (!this.#lease.take()) {
      this.#companion = new Companion(rows, changes, store, server);
    }
  }

  /** Read what is there, and look for news from now on, until `close`. */
  start(): void {
    if (this.#companion === undefined) {
      this.#lease.announce();
      this.#listener.works();
    } else {
      this.#findWorker();
    }

    this.#reader.load();
    // Nothing has to be kept alive to hear of other processes.
    this.#timer = setInterval(() => this.look(), lookEveryMs).unref();
  }

  /** In a companion: how it shows the queue and passes wishes on. */
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

  /** How many transfers are not read yet, by state; undefined: none. */
  get unread(): Reader['unread'] {
    return this.#reader.unread;
  }

  /** Whether the rows are there for the next time. */
  get isKept(): boolean {
    return this.#tools.store.isThere && (this.#companion !== undefined || this.journal.isKept);
  }

  /** When a transfer was put into the queue; undefined if nobody knows, or it cannot be read now. */
  addedMs(id: number): number | undefined {
    return this.#reader.addedMs(id);
  }

  /**
   * Put transfers at the end of those of their priority.
   *
   * @throws JangadaError `local_io` in a companion when the database cannot be written; `unsupported` for an
   * expected content: the database does not have it, and the next worker would take whatever comes.
   */
  add(transfers: readonly NewTransfer[]): Row[] {
    if (transfers.some(({expect}) => expect !== undefined)) {
      throw new JangadaError('unsupported', 'A queue that is kept cannot hold expected contents');
    }

    return (this.#companion ?? this.journal).add(transfers);
  }

  /**
   * Write what is left to write, and let another process work on the queue.
   *
   * @throws JangadaError `local_io` if wishes of a companion are lost: they cannot be written.
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
        `The queue could not be written: process ${this.#lease.worker?.pid ?? 0} was not told ${lost} of your last words. Say them again`,
      );
    }
  }

  /** Keep the process alive to hear of the worker, until that is disposed of. */
  keepAlive(): Disposable {
    this.#timer?.ref();
    return {[Symbol.dispose]: () => this.#timer?.unref()};
  }

  /** Look for news now. */
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

  /** In the worker rows that are here are as they are here; others were added by another process. */
  #adopt(transfers: readonly StoredTransfer[]): void {
    const {rows, changes} = this.#tools;
    const added = transfers
      .filter(
        ({id, removed}) => !removed && rows.get(id) === undefined && !this.journal.isKnown(id),
      )
      // A process that worked on it is gone.
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

  /** Work on the queue if the process that did has ended. */
  #takeOver(): void {
    // The last rows of that process are read first: finished work must not be done again.
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
    // Older ones first: what a user says last has to count.
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
