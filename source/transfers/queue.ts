/**
 * The ordered transfers and who runs next. The queue has the effects run and feeds what happens
 * back into the state of each transfer; readers get immutable snapshots.
 *
 *     add ─► rows ─► pump ─► slots ─► Runner ─┬─ Download (a larger file, one or more connections)
 *              ▲                              └─ fetchSmallFiles (many small ones over one)
 *              └──── events, byte counters ──────┘
 */
import type {Client} from '../client/client.ts';
import {Ending} from './ending.ts';
import {type Conflict, findConflicts} from './find-conflicts.ts';
import {stateFromStore, takeOver, takePlace} from './from-store.ts';
import {LimitSettings} from './limit-settings.ts';
import {connectionsOf, type Limits} from './limits.ts';
import {type MadeFolder, makeFolder} from './make-folder.ts';
import type {Priority} from './priority.ts';
import {Publisher} from './publisher.ts';
import {busyTimeoutMs} from './queue-database.ts';
import {QueueJournal} from './queue-journal.ts';
import type {QueueStore} from './queue-store.ts';
import {leftWithoutRoom} from './room.ts';
import {RoomWatch} from './room-watch.ts';
import {describeFailure, type NewTransfer, Row, type TransferSnapshot} from './row.ts';
import {RowStates} from './row-states.ts';
import {Rows} from './rows.ts';
import {type Locks, Runner} from './runner.ts';
import {Slots} from './slots.ts';
import {SpeedClock} from './speed-clock.ts';
import type {StoredTransfer} from './stored-transfer.ts';
import {
  isSameState,
  isSettled,
  nextState,
  type TransferEvent,
  waitsForRoom,
} from './transfer-state.ts';

export type {ConflictPolicy} from './conflict-policy.ts';
export type {Conflict} from './find-conflicts.ts';
export type {Limits} from './limits.ts';
export type {Priority} from './priority.ts';
export type {NewTransfer, TransferSnapshot} from './row.ts';

export type QueueSnapshot = {
  /** In queue order. A row whose transfer has not changed is the same object as before. */
  readonly rows: readonly TransferSnapshot[];
  readonly active: number;
  readonly queued: number;
  /** For room on the disk. */
  readonly waiting: number;
  readonly failed: number;
  readonly done: number;
  readonly bytesPerSecond: number;
  readonly limits: Limits;
  /** Total speed at the last ticks (4 a second), oldest first, at most 32. */
  readonly speedHistory: readonly number[];
};

export type QueueOptions = {
  client: Client;
  /** Connections that a single large file may use. Default: 4. */
  connections?: number | undefined;
  /** Files at once. Default: as many as `connections`. */
  files?: number | undefined;
  /** In place of both: limits that other queues of this process have, too. */
  limits?: LimitSettings | undefined;
  /** Where the queue is kept; without it, it ends with the process. Stays the caller's. */
  store?: QueueStore | undefined;
  /** Where places are locked against other clients. Default: in the store. */
  locks?: Locks | undefined;
  /** Compute the SHA-256 of each file while it arrives: `sha256` of the state of what is done. */
  checksums?: boolean | undefined;
};

/** Slices of the database that are read between two pictures. */
const slicesAPicture = 20;

/** Ids of transfers that are in no database: far from those that are. */
const firstOwnId = 1_000_000_000_000;

/** What is waited at most for another client that holds the database, and until it is asked again. */
const busyMs = 100;

function toAdd({transfer, priority}: Row): NewTransfer {
  return {...transfer, priority};
}

function isStored({id}: Row): boolean {
  return id < firstOwnId;
}

export class Queue implements AsyncDisposable {
  readonly #options: QueueOptions;
  readonly #client: Client;
  readonly #limits: LimitSettings;
  readonly #forgetLimits: () => void;
  readonly #rows = new Rows();
  readonly #ending = new Ending();
  readonly #states: RowStates;
  readonly #runner: Runner;
  readonly #slots: Slots;
  /** Rows that other clients work on. */
  readonly #elsewhere = new Set<Row>();
  readonly #journal: QueueJournal | undefined;
  readonly #publisher = new Publisher(() => {
    this.#snapshot = undefined;
  });
  readonly #clock = new SpeedClock(() => this.#states.tick(this.#slots.rows));
  readonly #idleWaiters: Array<() => void> = [];
  readonly #roomWatch: RoomWatch;
  #nextId = firstOwnId;
  #pumpTimer: NodeJS.Timeout | undefined;
  #slicesLoaded = 0;
  // Whether some could not be written when they were added.
  #hasUnstored = false;
  #snapshot: QueueSnapshot | undefined;
  #disposed = false;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#wait(busyMs);
    this.#client = options.client;
    this.#limits = options.limits ?? new LimitSettings(askedOf(options), options.store?.limits);
    this.#states = new RowStates(
      {rows: this.#rows, clock: this.#clock, ending: this.#ending, publisher: this.#publisher},
      {
        toWrite: row => this.#journal?.changed(row),
        noRoom: row => this.#roomWatch.add(row),
        progressed: () => this.#slots.balance(this.limits),
      },
    );
    this.#runner = new Runner(options.client, this.#states, {
      ending: this.#ending,
      locks: options.locks ?? options.store,
      checksums: options.checksums ?? false,
    });
    this.#slots = new Slots(this.#runner, {
      begun: row => this.#states.event(row, {type: 'start'}),
      failed: (row, error) => this.#states.failed(row, error),
      ended: row => this.#ended(row),
      freed: () => this.#pump(),
    });
    this.#roomWatch = new RoomWatch({
      room: this.#runner.room,
      waiting: () => this.#rows.withoutRoom,
      folderOf: row => this.#runner.folderOf(row),
      goOn: rows => {
        this.#goOn(rows);
        this.#pump();
      },
    });
    if (options.limits !== undefined || options.store !== undefined) {
      // Meanwhile they may have been set, too.
      this.#limits.look();
      this.#obeyLimits();
    }

    this.#forgetLimits = this.#limits.onChange(() => {
      this.#obeyLimits();
      this.#pump();
    });
    if (options.store !== undefined) {
      const {host, port} = options.client.address;
      this.#journal = new QueueJournal(options.store, `${host}:${port}`, {
        loaded: transfers => this.#loaded(transfers),
        changed: transfers => {
          this.#heard(transfers);
          this.#pump();
        },
        looked: () => {
          this.#storeUnstored();
          this.#lookAfterOthers();
          // Other clients may have set limits, too.
          this.#limits.look();
        },
      });
      this.#journal.load();
    }
  }

  /** Whether all of it is kept on disk, to go on another time. */
  get isKept(): boolean {
    return this.#journal?.isKept === true && this.#unstored.length === 0;
  }

  /** What is still to do and could not be written when it was added. */
  get #unstored(): readonly Row[] {
    return this.#hasUnstored
      ? this.#rows.all.filter(row => !isStored(row) && !isSettled(row.state))
      : [];
  }

  /** Write what could not be written when it was added, but for what is worked on just now. */
  #storeUnstored(): void {
    const rows = this.#unstored.filter(row => row.run === undefined);
    const places = rows.length === 0 ? undefined : this.#journal?.add(rows.map(toAdd));
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
      this.#journal?.changed(row);
    }

    this.#publisher.soon();
  }

  /** How long a call of the database may hold up keys and sockets. */
  #wait(ms: number): void {
    for (const store of new Set([this.#options.store, this.#options.locks])) {
      if (store !== undefined) {
        store.patienceMs = ms;
      }
    }
  }

  /** How much is done at once, and how fast. */
  get limits(): Limits {
    return this.#limits.current;
  }

  /**
   * They count at once: more files are begun; what runs beyond fewer of them goes on, and nothing is
   * begun for it. The connections of the client and its rate follow. A queue that is kept stores them
   * for all its clients.
   *
   * @throws JangadaError `usage` for a number that can be no limit.
   */
  set limits(limits: Limits) {
    this.#limits.change(limits);
  }

  /** Which of `transfers` find something under their final name. Touches nothing. */
  async conflicts(transfers: readonly NewTransfer[]): Promise<Conflict[]> {
    return await findConflicts(transfers, path => this.#runner.target(path));
  }

  /**
   * Make the folder at `localPath`, a remote path, below `folder`, at once; one that is there is fine.
   *
   * @throws JangadaError `unsafe_target` where a part of it is a link or a file, `local_io`, `no_space`.
   */
  makeFolder(folder: string, localPath: string): MadeFolder {
    return makeFolder(this.#runner.target(folder), localPath);
  }

  /** Put transfers at the end of those of their priority. @returns their ids, in the same order. */
  add(transfers: readonly NewTransfer[]): number[] {
    const places = this.#journal?.add(transfers);
    this.#hasUnstored ||= places === undefined;
    let last = places === undefined ? this.#rows.lastPosition : 0;
    const ids = transfers.map((transfer, index) => {
      const {id, position} = places?.[index] ?? {id: this.#nextId++, position: ++last};
      this.#insert(new Row(id, position, transfer));
      return id;
    });
    this.#publisher.soon();
    // What else is added in this turn can go together with these.
    setImmediate(() => this.#pump());
    return ids;
  }

  pause(id: number): void {
    this.#stop(id, {type: 'pause'});
  }

  resume(id: number): void {
    this.#requeue(id, {type: 'resume'});
  }

  /** Put a failed or canceled transfer back in line. */
  retry(id: number): void {
    this.#requeue(id, {type: 'retry'});
  }

  /** Put all that failed back in line. @returns how many. */
  retryFailed(): number {
    const failed = this.#rows.all.filter(row => row.state.name === 'failed');
    for (const row of failed) {
      this.#putBack(row, {type: 'retry'});
    }

    this.#rows.lookFromTheFront();
    this.#pump();
    return failed.length;
  }

  /** Stop for good; `deletePartial` also removes what has been fetched. */
  cancel(id: number, options: {deletePartial?: boolean} = {}): void {
    const row = this.#rows.get(id);
    if (row === undefined || row.state.name === 'done') {
      return;
    }

    row.deletePartial = options.deletePartial ?? false;
    this.#stop(id, {type: 'cancel'});
    if (row.run === undefined) {
      this.#afterCancel(row);
    }
  }

  /**
   * Move by so many places among those of the same priority; negative: towards the front.
   *
   * @returns whether there was room to move.
   */
  move(id: number, by: number): boolean {
    const moved = this.#rows.move(id, by);
    if (moved.length > 0) {
      this.#journal?.place(moved);
      this.#publisher.soon();
    }

    return moved.length > 0;
  }

  /** Say how soon a transfer runs; one that runs already is not stopped for another. */
  setPriority(id: number, priority: Priority): void {
    const row = this.#rows.get(id);
    if (row !== undefined && row.priority !== priority) {
      row.priority = priority;
      row.changed();
      this.#rows.sort();
      this.#journal?.prioritize(row);
      this.#publisher.soon();
    }
  }

  /** Forget what is done or canceled. */
  clearSettled(): void {
    const settled = this.#rows.all.filter(
      row => row.run === undefined && ['done', 'canceled'].includes(row.state.name),
    );
    this.#journal?.remove(settled);
    this.#forget(settled);
  }

  /** Immutable; the same object until something changes. */
  snapshot(): QueueSnapshot {
    this.#snapshot ??= {
      rows: this.#rows.all.map(row => row.snapshot),
      ...this.#rows.counts,
      bytesPerSecond: this.#clock.bytesPerSecond,
      limits: this.limits,
      speedHistory: this.#clock.history,
    };
    return this.#snapshot;
  }

  /** One transfer as it is now; undefined if it was cleared. */
  transfer(id: number): TransferSnapshot | undefined {
    return this.#rows.get(id)?.snapshot;
  }

  /**
   * Calls `listener` soon after a state changes, and 4 times a second while bytes come.
   *
   * @returns a function that ends it.
   */
  subscribe(listener: () => void): () => void {
    return this.#publisher.subscribe(listener);
  }

  /** Those that wait for room fail: nobody stays to see whether there will be. */
  giveUpWaiting(): void {
    for (const row of this.#rows.withoutRoom) {
      const {state} = row;
      if (waitsForRoom(state)) {
        this.#states.event(row, {
          type: 'fail',
          code: 'no_space',
          reason: leftWithoutRoom(state.noRoom),
        });
      }
    }
  }

  /** Whether nothing is queued or running. */
  get isIdle(): boolean {
    const {active, queued} = this.#rows.counts;
    return active + queued + this.#slots.count === 0 && !this.#journal?.loading;
  }

  /** Resolves when nothing is queued or running; what waits for room is neither. */
  async idle(): Promise<void> {
    if (!this.isIdle && !this.#disposed) {
      await new Promise<void>(resolve => this.#idleWaiters.push(resolve));
    }
  }

  /**
   * Starts nothing any more, and lets come in what is arriving: blocks are written, small files get
   * their names, and a transfer that has all of its blocks is finished.
   *
   * @param withinMs Default: 3 s. What has not come by then stops when the queue is disposed of.
   */
  async finishInHand(withinMs = 3000): Promise<void> {
    this.#ending.begin(withinMs);
    const ended = Promise.allSettled([...this.#slots.rows].map(row => row.run?.ended));
    const timeUp = Promise.withResolvers<void>();
    const timer = setTimeout(timeUp.resolve, withinMs);
    await Promise.race([ended, timeUp.promise]);
    clearTimeout(timer);
  }

  /** Stops what runs, waits until it has stopped; partials stay. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#forgetLimits();
    const ended = [...this.#slots.rows].map(row => row.run?.ended);
    for (const row of this.#slots.rows) {
      this.#stop(row.id, {type: 'release'});
    }

    await Promise.allSettled(ended);
    clearTimeout(this.#pumpTimer);
    this.#clock.stop();
    this.#roomWatch.stop();
    this.#publisher.stop();
    for (const resolve of this.#idleWaiters.splice(0)) {
      resolve();
    }

    // Nobody waits for keys any more, and what is not written now never is.
    this.#wait(busyTimeoutMs);
    this.#storeUnstored();
    this.#journal?.close();
    this.#runner[Symbol.dispose]();
  }

  #insert(row: Row): void {
    this.#rows.add(row);
    if (!isSettled(row.state)) {
      this.#states.reserve(row);
    }
  }

  #loaded(transfers: readonly StoredTransfer[]): void {
    for (const stored of transfers) {
      this.#take(stored);
    }

    // Meanwhile there may be room.
    this.#goOn(transfers.flatMap(({id}) => this.#rows.get(id) ?? []));
    // A picture of a long queue has a place for each row: one for every slice would be too many.
    if (transfers.length === 0 || this.#slicesLoaded++ % slicesAPicture === 0) {
      this.#publisher.soon();
    }

    setImmediate(() => this.#pump());
  }

  /** Other clients have added or changed transfers. */
  #heard(transfers: readonly StoredTransfer[]): void {
    for (const stored of transfers) {
      this.#take(stored);
    }

    this.#rows.sort();
    if (this.#rows.counts.waiting > 0) {
      this.#roomWatch.start();
    }

    this.#publisher.soon();
  }

  /** Put those of `rows` that wait for room back in line, unless another client has done so. */
  #goOn(rows: readonly Row[]): void {
    const waiting = rows.filter(({state}) => waitsForRoom(state));
    if (waiting.length === 0) {
      return;
    }

    const stored = waiting.filter(isStored);
    const resumed = stored.length === 0 ? undefined : this.#journal?.resume(stored);
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
    this.#publisher.soon();
  }

  #take(stored: StoredTransfer): void {
    const known = this.#rows.get(stored.id);
    if (stored.state === 'removed') {
      if (known !== undefined) {
        this.#stop(known.id, {type: 'cancel'});
        this.#forget([known]);
      }
    } else if (known?.claimed && known.run !== undefined) {
      // It is worked on here; what somebody else wants of it is all that can be new.
      takePlace(known, stored);
      if (stored.state === 'paused' || stored.state === 'canceled') {
        this.#stop(known.id, {type: stored.state === 'paused' ? 'pause' : 'cancel'});
      } else if (stored.state === 'queued') {
        // Paused, and told to go on before it has stopped.
        this.#states.event(known, {type: 'resume'});
      }
    } else {
      const isAlive = (owner: string) => this.#journal?.isAlive(owner) ?? false;
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
      } else {
        this.#rows.set(row, isSameState(row.state, state) ? row.state : state, elsewhere ?? null);
      }

      this.#lookedAfter(row);
    }
  }

  #lookedAfter(row: Row): void {
    if (row.elsewhere === undefined) {
      this.#elsewhere.delete(row);
    } else {
      this.#elsewhere.add(row);
    }
  }

  /** What a client that is gone has left is for whoever claims it. */
  #lookAfterOthers(): void {
    const owners = new Set([...this.#elsewhere].map(row => row.elsewhere ?? ''));
    const gone = [...owners].filter(owner => !this.#journal?.isAlive(owner));
    if (gone.length > 0) {
      this.#refresh([...this.#elsewhere].filter(row => gone.includes(row.elsewhere ?? '')));
      this.#pump();
    }
  }

  #obeyLimits(): void {
    this.#client.connections = connectionsOf(this.limits);
    this.#client.bytesPerSecond = this.limits.bytesPerSecond;
    this.#publisher.soon();
  }

  #forget(rows: readonly Row[]): void {
    this.#rows.forget(rows);
    for (const row of rows) {
      this.#elsewhere.delete(row);
    }

    this.#publisher.soon();
  }

  #stop(id: number, event: TransferEvent): void {
    const row = this.#rows.get(id);
    if (row !== undefined) {
      this.#takeFromOthers(row);
      this.#states.event(row, event);
      row.run?.abort();
    }
  }

  #requeue(id: number, event: TransferEvent): void {
    const row = this.#rows.get(id);
    if (row !== undefined) {
      this.#putBack(row, event);
      this.#rows.lookFromTheFront();
      this.#pump();
    }
  }

  #putBack(row: Row, event: TransferEvent): void {
    row.deletePartial = false;
    this.#states.event(row, event);
    if (row.state.name === 'queued') {
      this.#states.reserve(row);
    }
  }

  /** Whoever works on it hears from the database what has been decided here. */
  #takeFromOthers(row: Row): void {
    if (row.elsewhere !== undefined) {
      this.#rows.set(row, row.state, null);
      this.#elsewhere.delete(row);
    }
  }

  /** Start what may start. */
  #pump(): void {
    while (!this.#disposed && !this.#ending.begun && this.#slots.count < this.limits.files) {
      const next = this.#rows.next(this.limits.files);
      if (next.length === 0) {
        break;
      }

      const rows = this.#claim(next);
      if (rows === undefined) {
        this.#pumpTimer ??= setTimeout(() => this.#pumpAgain(), busyMs);
        break;
      }

      if (rows.length > 0) {
        this.#slots.start(rows);
      }
    }

    this.#slots.balance(this.limits);
    if (this.#slots.count > 0) {
      this.#clock.start();
    } else {
      this.#clock.stop();
    }

    if (this.isIdle) {
      for (const resolve of this.#idleWaiters.splice(0)) {
        resolve();
      }
    }
  }

  #pumpAgain(): void {
    this.#pumpTimer = undefined;
    this.#pump();
  }

  /** Those of `rows` that no other client works on; undefined: that cannot be told at the moment. */
  #claim(rows: readonly Row[]): readonly Row[] | undefined {
    if (this.#journal === undefined) {
      return rows;
    }

    // What could not be written when it was added is this client's alone.
    const stored = rows.filter(isStored);
    const answer = this.#journal.claim(stored);
    if (answer === undefined) {
      return undefined;
    }

    const claimed = new Set(answer);
    return claimed.size === stored.length || this.#refresh(stored.filter(row => !claimed.has(row)))
      ? rows.filter(row => !isStored(row) || claimed.has(row))
      : rows;
  }

  /**
   * Take `rows` as they are in the database, and forget those that are gone from it.
   *
   * @returns false if it cannot be read: nobody else can have anything then.
   */
  #refresh(rows: readonly Row[]): boolean {
    const stored = this.#journal?.read(rows);
    if (stored === undefined) {
      return false;
    }

    const there = new Set(stored.map(({id}) => id));
    this.#forget(rows.filter(row => !there.has(row.id) && row.run === undefined));
    this.#heard(stored);
    return true;
  }

  #ended(row: Row): void {
    this.#states.ended(row);
    this.#afterCancel(row);
  }

  #afterCancel(row: Row): void {
    if (row.state.name === 'canceled' && row.deletePartial) {
      row.deletePartial = false;
      const holder = this.#rows.holderOf(row);
      if (holder !== undefined && holder !== row && !isSettled(holder.state)) {
        // By now it is the partial of another transfer.
        return;
      }

      try {
        this.#runner.deletePartial(row);
        row.verifiedBytes = 0;
        row.reusedBytes = 0;
        this.#states.set(row, row.state);
      } catch (error) {
        this.#states.set(row, {name: 'failed', ...describeFailure(error)});
      }
    }
  }
}

/** What was asked for with these options. */
function askedOf({connections, files = connections, client}: QueueOptions): Partial<Limits> {
  const {bytesPerSecond} = client;
  return {
    ...(connections === undefined ? {} : {connectionsPerFile: connections}),
    ...(files === undefined ? {} : {files}),
    ...(bytesPerSecond === undefined ? {} : {bytesPerSecond}),
  };
}
