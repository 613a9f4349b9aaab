/**
 * One queue that several processes have open: which of them works on it, and what each learns from
 * the database. Four times a second this looks whether others have written anything; a companion
 * also tries to take the lease, so that it takes over within a moment of the worker's end.
 */
import type {Holder} from '../database/places.ts';
import type {QueueStore} from '../database/queue-store.ts';
import type {StoredTransfer} from '../database/stored-transfer.ts';
import type {SystemLock} from '../database/system-lock.ts';
import type {NewTransfer} from '../terms/new-transfer.ts';
import type {Wish, WishAnswer} from '../terms/wish.ts';
import {Companion} from './companion.ts';
import {Journal} from './journal.ts';
import {Reader} from './reader.ts';
import {newRow, type Row, rowAfter, rowFromStore} from './row.ts';
import type {RowChanges} from './row-changes.ts';
import type {Rows} from './rows.ts';

export type SharedQueueListener = {
  /** This process is the worker from now on. */
  works(): void;
  /** Rows are new in the worker. */
  added(rows: readonly Row[]): void;
  /** Do as a companion wishes. */
  carryOut(wish: Wish): WishAnswer;
  /** Something was read, or the worker is another. */
  changed(): void;
  /** Others may have set limits. */
  looked(): void;
};

type SharedQueueTools = {rows: Rows; changes: RowChanges; store: QueueStore; server: string};

const lookEveryMs = 250;

export class SharedQueue {
  readonly journal: Journal;
  readonly #tools: SharedQueueTools;
  readonly #listener: SharedQueueListener;
  readonly #lease: SystemLock;
  readonly #reader: Reader;
  #companion: Companion | undefined;
  /** The process that works on the queue, in a companion. */
  #worker: Holder | undefined;
  #isLooking = false;
  // Whether the database says that this process works on the queue.
  #announced = false;
  /** Wishes to cancel whose partials are not deleted yet. */
  readonly #deleting: Array<{wishId: number; ids: readonly number[]}> = [];
  #timer: NodeJS.Timeout | undefined;

  /** @throws the system's error where there can be no lease: its folder cannot be written. */
  constructor(tools: SharedQueueTools, listener: SharedQueueListener) {
    const {rows, changes, store, server} = tools;
    this.#tools = tools;
    this.#listener = listener;
    this.#lease = store.lease(server);
    if (!this.#lease.take()) {
      this.#companion = new Companion(rows, changes, store, server);
    }

    this.journal = new Journal(rows, store, server);
    this.#reader = new Reader(store, server, {
      loaded: transfers => this.#take(transfers),
      complete: () => this.#complete(),
      changed: transfers => this.#take(transfers),
    });
  }

  /** Read what is there, and look for news from now on, until `close`. */
  start(): void {
    if (this.#companion === undefined) {
      this.#announce();
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
    return this.#companion === undefined ? undefined : this.#worker;
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

  /**
   * Put transfers at the end of those of their priority.
   *
   * @throws in a companion, what SQLite throws when the database cannot be written.
   */
  add(transfers: readonly NewTransfer[]): Row[] {
    if (this.#companion === undefined) {
      return this.journal.add(transfers);
    }

    const {store, server} = this.#tools;
    const places = store.add(server, transfers);
    return transfers.flatMap((transfer, index) => {
      const place = places[index];
      return place === undefined ? [] : newRow(place.id, place.position, transfer);
    });
  }

  /** Write what is left to write, and let another process work on the queue. */
  close(): void {
    clearInterval(this.#timer);
    this.#reader.close();
    if (this.#companion === undefined) {
      this.journal.close();
    } else {
      this.#companion.write();
    }

    this.#lease[Symbol.dispose]();
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
      this.#companion.write();
      this.#takeOver();
    }

    if (this.#companion === undefined && !this.#announced) {
      this.#announce();
    }

    if (hasNews && this.#reader.look()) {
      this.#findWorker();
      this.#carryOutWishes();
      this.#listener.looked();
    }

    this.#answerDeleting();
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
    // What that process wrote last is read first: what it has done must not be done again.
    if (this.#companion === undefined || this.#reader.loading || !this.#takeLease()) {
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

    this.#announce();
    this.#listener.works();
    this.#listener.added(rows.all);
    for (const wish of companion.takeUnwritten()) {
      this.#listener.carryOut(wish);
    }

    this.#carryOutWishes();
    this.#listener.changed();
  }

  #takeLease(): boolean {
    try {
      return this.#lease.take();
    } catch {
      // The disk of the locks fails: the next look tries again.
      return false;
    }
  }

  #announce(): void {
    const {store, server} = this.#tools;
    try {
      store.worksOn(server);
      this.#announced = true;
    } catch {
      // The database is full, or another process holds it: the next look says so.
    }
  }

  #findWorker(): void {
    if (this.#companion === undefined) {
      return;
    }

    try {
      const worker = this.#tools.store.workerOf(this.#tools.server);
      if (worker?.pid !== this.#worker?.pid || worker?.host !== this.#worker?.host) {
        this.#worker = worker;
        this.#listener.changed();
      }
    } catch {
      // The next look asks again.
    }
  }

  /** Do what companions wish, once all rows are here, and say that it is done. */
  #carryOutWishes(): void {
    if (this.#companion !== undefined || this.#reader.loading) {
      return;
    }

    const {store, server} = this.#tools;
    let wishes: ReturnType<QueueStore['wishes']['open']>;
    try {
      wishes = store.wishes.open(server);
    } catch {
      // They stay in the database: the next look reads them.
      return;
    }

    const fresh = wishes.filter(({id}) => !this.journal.hasCarriedOut(id) && !this.#isDeleting(id));
    for (const {id, wish} of fresh) {
      const answer = this.#listener.carryOut(withIds(wish, id => this.journal.ownId(id)));
      if (wish.do === 'cancel' && wish.deletePartial) {
        this.#deleting.push({wishId: id, ids: answer.ids});
      } else {
        this.#answer(id, answer);
      }
    }

    this.#answerDeleting();
    if (fresh.length > 0) {
      this.journal.write();
    }
  }

  #isDeleting(wishId: number): boolean {
    return this.#deleting.some(one => one.wishId === wishId);
  }

  /** Answer wishes to cancel of which every partial is deleted, or cannot be. */
  #answerDeleting(): void {
    const {rows} = this.#tools;
    for (const one of [...this.#deleting]) {
      const states = one.ids.map(id => ({id, state: rows.get(id)?.state}));
      if (states.some(({state}) => state?.name === 'canceled' && state.deletePartial === true)) {
        continue;
      }

      this.#deleting.splice(this.#deleting.indexOf(one), 1);
      const kept = states.flatMap(({id, state}) =>
        state?.name === 'failed' ? [{id: this.journal.storedId(id), reason: state.reason}] : [],
      );
      this.#answer(one.wishId, {ids: [...one.ids], kept});
      this.journal.write();
    }
  }

  #answer(wishId: number, answer: WishAnswer): void {
    const ids = answer.ids.map(id => this.journal.storedId(id));
    this.journal.carriedOut(wishId, {...answer, ids});
  }
}

/** The same wish about the transfers with other ids. */
function withIds(wish: Wish, idOf: (id: number) => number): Wish {
  if (wish.do === 'move') {
    return {...wish, id: idOf(wish.id)};
  }

  return Array.isArray(wish.which) ? {...wish, which: wish.which.map(idOf)} : wish;
}
