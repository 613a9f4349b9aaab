/**
 * The rows of a queue as its database has them, which other clients may share: what is added is
 * stored, what others have added or decided is taken over, and nothing is begun that they work on.
 *
 *     database ─► QueueJournal ─► loaded, changed ─► take ─► Rows
 *                      ▲                                      │
 *                      └────── add, claim, resume, read ◄─────┘
 *
 * Without a database, or where it cannot be written, rows are this client's alone.
 */

import type {QueueStore} from '../database/queue-store.ts';
import type {StoredTransfer} from '../database/stored-transfer.ts';
import type {NewTransfer} from '../terms/new-transfer.ts';
import {
  isRunning,
  isSameState,
  isSettled,
  nextState,
  waitsForRoom,
} from '../terms/transfer-state.ts';
import {stateFromStore, takeOver, takePlace} from './from-store.ts';
import {aheadMs, LookAhead} from './look-ahead.ts';
import {type JournalListener, QueueJournal} from './queue-journal.ts';
import {Row} from './row.ts';
import type {RowStates} from './row-states.ts';
import type {Rows} from './rows.ts';

export type SharedRowsListener = {
  /** Readers are to see what has changed, soon. */
  changed(): void;
  /** There may be rows that can start now. */
  mayStart(): void;
  /** Places of rows that were to begin next must not stay locked. @returns whether none is. */
  givingBack(): boolean;
  /** About once a second: time to see what else other clients have decided. */
  looked(): void;
};

/** Slices of the database that are read between two pictures: nothing else changes in them. */
const slicesAPicture = 40;

/** Ids of transfers that are in no database: far from those that are. */
const firstOwnId = 1_000_000_000_000;

export class SharedRows implements JournalListener {
  /** Where rows are written; undefined: the queue ends with the process. */
  readonly journal: QueueJournal | undefined;
  readonly #rows: Rows;
  readonly #states: RowStates;
  readonly #listener: SharedRowsListener;
  /** Rows that other clients worked on when that was looked at last. */
  readonly #elsewhere = new Set<Row>();
  /** Rows that another client claimed before they had stopped here. */
  readonly #lost = new WeakSet<Row>();
  readonly #lookAhead = new LookAhead();
  /** How many more to claim, until the database has answered. */
  #beyond: number | undefined;
  /** Rows that are claimed already, to begin within moments. */
  #ahead: readonly Row[] = [];
  #aheadTimer: NodeJS.Timeout | undefined;
  #nextId = firstOwnId;
  #slicesLoaded = 0;
  // Whether some could not be written when they were added.
  #hasUnstored = false;

  /** @param server whose queue this is, as `host:port`. The store stays the caller's. */
  constructor(
    rows: Rows,
    states: RowStates,
    {store, server}: {store: QueueStore | undefined; server: string},
    listener: SharedRowsListener,
  ) {
    this.#rows = rows;
    this.#states = states;
    this.#listener = listener;
    this.journal = store === undefined ? undefined : new QueueJournal(store, server, this);
  }

  /** Whether all of them are kept on disk, to go on another time. */
  get areKept(): boolean {
    return this.journal?.isKept === true && this.#unstored.length === 0;
  }

  /** Put transfers at the end of those of their priority. @returns their ids, in the same order. */
  add(transfers: readonly NewTransfer[]): number[] {
    const places = this.journal?.add(transfers);
    this.#hasUnstored ||= places === undefined;
    let last = places === undefined ? this.#rows.lastPosition : 0;
    return transfers.map((transfer, index) => {
      const {id, position} = places?.[index] ?? {id: this.#nextId++, position: ++last};
      this.#insert(new Row(id, position, transfer));
      return id;
    });
  }

  /** Write what could not be written when it was added, but for what is worked on just now. */
  store(): void {
    const rows = this.#unstored.filter(row => row.run === undefined);
    const places = rows.length === 0 ? undefined : this.journal?.add(rows.map(toAdd));
    if (places === undefined) {
      return;
    }

    const stored = rows.map((row, index) => {
      const {id, position} = places[index] ?? row;
      return row.withId(id, position);
    });
    this.#rows.replace(rows, stored);
    for (const row of stored) {
      this.#states.reserve(row);
      this.journal?.changed(row);
    }

    this.#listener.changed();
  }

  /** At most `count` rows that begin next and that no other client can begin. */
  ahead(count: number): Row[] {
    const ahead = this.#rows.ahead(count);
    return this.journal === undefined ? ahead : ahead.filter(row => row.claimed || !isStored(row));
  }

  /** Those of `rows` that no other client works on; undefined: that cannot be told at the moment. */
  claim(rows: readonly Row[]): readonly Row[] | undefined {
    if (this.journal === undefined) {
      return rows;
    }

    // What could not be written when it was added is this client's alone.
    const stored = rows.filter(isStored);
    this.#giveUp(stored);
    if (stored.every(row => row.claimed)) {
      return rows;
    }

    // Towards the end enough is left for others to end at the same time.
    const most = Math.floor(this.#rows.counts.queued / 4);
    // To be asked again by a busy database says nothing of how long files take.
    this.#beyond ??= this.#lookAhead.beyond(stored.length);
    const count = Math.min(most, this.#beyond);
    const ahead = this.#rows.ahead(count, rows).filter(isStored);
    this.#giveUp(ahead);
    const asked = [...stored, ...ahead];
    const answer = this.journal.claim(asked);
    if (answer === undefined) {
      return undefined;
    }

    this.#beyond = undefined;
    this.#giveBackLater(ahead);
    const claimed = new Set(answer);
    return claimed.size === asked.length || this.#refresh(asked.filter(row => !claimed.has(row)))
      ? rows.filter(row => !isStored(row) || claimed.has(row))
      : rows;
  }

  /** What another client has claimed since is nothing to begin, or to write, without asking. */
  #giveUp(rows: readonly Row[]): void {
    for (const row of rows) {
      if (this.#lost.delete(row)) {
        this.journal?.forget(row);
        row.claimed = false;
      }
    }
  }

  /** Write what is left to write, and stop. */
  close(): void {
    this.#giveBack();
    clearTimeout(this.#aheadTimer);
    this.store();
    this.journal?.close();
  }

  /** Put those of `rows` that wait for room back in line, unless another client has done so. */
  goOn(rows: readonly Row[]): void {
    const waiting = rows.filter(({state}) => waitsForRoom(state));
    if (waiting.length === 0) {
      return;
    }

    const stored = waiting.filter(isStored);
    const resumed = stored.length === 0 ? undefined : this.journal?.resume(stored);
    const others = resumed === undefined ? [] : stored.filter(row => !resumed.has(row.id));
    for (const row of waiting) {
      if (!isStored(row) || resumed?.has(row.id) !== false) {
        this.#rows.set(row, nextState(row.state, {type: 'resume'}));
        this.#states.reserve(row);
      }
    }

    if (others.length > 0) {
      this.#refresh(others);
    }

    this.#rows.lookFromTheFront();
    this.#listener.changed();
  }

  /** Transfers that were there before, a slice at a time. */
  loaded(transfers: readonly StoredTransfer[]): void {
    for (const stored of transfers) {
      this.#take(stored);
    }

    // Meanwhile there may be room.
    this.goOn(transfers.flatMap(({id}) => this.#rows.get(id) ?? []));
    if (transfers.length === 0 || this.#slicesLoaded++ % slicesAPicture === 0) {
      this.#listener.changed();
    }

    setImmediate(() => this.#listener.mayStart());
  }

  /** Other clients have added or changed transfers. */
  changed(transfers: readonly StoredTransfer[]): void {
    this.#hear(transfers);
    this.#listener.mayStart();
  }

  looked(): void {
    this.store();
    this.#lookAfterOthers();
    this.#listener.looked();
  }

  /** Rows that were claimed ahead are for other clients, too, if they do not begin in a moment. */
  #giveBackLater(ahead: readonly Row[]): void {
    this.#ahead = [...this.#ahead.filter(isClaimedAhead), ...ahead];
    clearTimeout(this.#aheadTimer);
    if (this.#ahead.length > 0) {
      this.#aheadTimer = setTimeout(() => this.#giveBack(), aheadMs);
    }
  }

  #giveBack(): void {
    const rows = this.#ahead.filter(isClaimedAhead);
    // Whoever claims one next locks its place, too.
    if (rows.length > 0 && this.#listener.givingBack()) {
      for (const row of rows) {
        this.journal?.changed(row);
      }

      this.journal?.write();
    }

    // What could not be written.
    this.#giveBackLater([]);
  }

  #hear(transfers: readonly StoredTransfer[]): void {
    for (const stored of transfers) {
      this.#take(stored);
    }

    this.#rows.sort();
    this.#listener.changed();
  }

  #take(stored: StoredTransfer): void {
    const known = this.#rows.get(stored.id);
    if (stored.state === 'removed') {
      if (known !== undefined) {
        this.#states.stop(known, {type: 'cancel'});
        this.#forget([known]);
      }
    } else if (known?.claimed && (known.run !== undefined || this.journal?.isOwn(stored))) {
      // It is, or soon is, worked on here; what somebody else wants of it is all that can be new.
      takePlace(known, stored);
      if (stored.state === 'paused' || stored.state === 'canceled') {
        this.#states.stop(known, {type: stored.state === 'paused' ? 'pause' : 'cancel'});
      } else if (stored.state === 'queued') {
        // Paused, and told to go on before it has stopped.
        this.#states.event(known, {type: 'resume'});
      } else if (!this.journal?.isOwn(stored) && isOthers(stored, known)) {
        // Another client was first to claim it: it was stopped and put back in line, or this process slept.
        this.#lost.add(known);
        this.#states.stop(known, {type: 'release'});
      }
    } else {
      this.#takeOver(known, stored);
    }
  }

  /** What is not worked on here is what the database says. */
  #takeOver(known: Row | undefined, stored: StoredTransfer): void {
    const isAlive = (owner: string) => this.journal?.isAlive(owner) ?? false;
    const {state, elsewhere} = stateFromStore(stored, isAlive);
    const row = known ?? new Row(stored.id, stored.position, stored.transfer);
    if (row.claimed) {
      row.claimed = false;
    }

    takeOver(row, stored);
    if (known === undefined) {
      row.state = state;
      if (elsewhere !== undefined) {
        row.elsewhere = elsewhere;
      }

      this.#insert(row);
      this.journal?.taken(stored);
    } else {
      if (isSettled(state) !== isSettled(row.state)) {
        row.settledElsewhere = isSettled(state);
      }

      this.#rows.set(row, isSameState(row.state, state) ? row.state : state, elsewhere ?? null);
    }

    if (elsewhere !== undefined) {
      this.#elsewhere.add(row);
    }
  }

  #insert(row: Row): void {
    this.#rows.add(row);
    if (!isSettled(row.state)) {
      this.#states.reserve(row);
    }
  }

  /** What a client that is gone has left is for whoever claims it. */
  #lookAfterOthers(): void {
    for (const row of this.#elsewhere) {
      if (row.elsewhere === undefined || this.#rows.get(row.id) !== row) {
        this.#elsewhere.delete(row);
      }
    }

    const owners = new Set([...this.#elsewhere].map(row => row.elsewhere ?? ''));
    const gone = [...owners].filter(owner => !this.journal?.isAlive(owner));
    if (gone.length > 0) {
      this.#refresh([...this.#elsewhere].filter(row => gone.includes(row.elsewhere ?? '')));
      this.#listener.mayStart();
    }
  }

  /**
   * Take `rows` as they are in the database, and forget those that are gone from it.
   *
   * @returns false if it cannot be read: nobody else can have anything then.
   */
  #refresh(rows: readonly Row[]): boolean {
    const stored = this.journal?.read(rows);
    if (stored === undefined) {
      return false;
    }

    const there = new Set(stored.map(({id}) => id));
    this.#forget(rows.filter(row => !there.has(row.id) && row.run === undefined));
    this.#hear(stored);
    return true;
  }

  #forget(rows: readonly Row[]): void {
    this.#rows.forget(rows);
    this.#listener.changed();
  }

  /** What is still to do and could not be written when it was added. */
  get #unstored(): readonly Row[] {
    return this.#hasUnstored
      ? this.#rows.all.filter(row => !isStored(row) && !isSettled(row.state))
      : [];
  }
}

function toAdd({transfer, priority}: Row): NewTransfer {
  return {...transfer, priority};
}

function isStored({id}: Row): boolean {
  return id < firstOwnId;
}

/** Whether another client works, or has worked, on what runs here. */
function isOthers({state}: StoredTransfer, known: Row): boolean {
  const isOver = state === 'done' || state === 'failed';
  return state === 'running' || (isOver && isRunning(known.state));
}

function isClaimedAhead({claimed, run}: Row): boolean {
  return claimed && run === undefined;
}
