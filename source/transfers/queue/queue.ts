/**
 * The ordered transfers and who runs next. The queue has the effects run and feeds what happens
 * back into the state of each transfer; readers get immutable snapshots.
 *
 *     SharedRows ─► rows ─► pump ─► slots ─► Runner ─┬─ Download (a larger file, one or more connections)
 *                     ▲                              └─ fetchSmallFiles (many small ones over one)
 *                     └─ RowStates ◄─ events, byte counters ─┘
 */
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Client} from '../../client/client.ts';
import {Ending} from '../blocks/ending.ts';
import {busyTimeoutMs} from '../database/queue-database.ts';
import type {QueueStore} from '../database/queue-store.ts';
import {type MadeFolder, makeFolder} from '../disk/make-folder.ts';
import {leftWithoutRoom} from '../disk/room.ts';
import {type Conflict, findConflicts} from '../download/find-conflicts.ts';
import {connectionsOf, type Limits} from '../terms/limits.ts';
import type {NewTransfer} from '../terms/new-transfer.ts';
import type {Priority} from '../terms/priority.ts';
import {isRunning, isSettled, type TransferEvent, waitsForRoom} from '../terms/transfer-state.ts';
import {HeldBack} from './held-back.ts';
import {LimitSettings} from './limit-settings.ts';
import {Publisher} from './publisher.ts';
import type {QueueJournal} from './queue-journal.ts';
import {RoomWatch} from './room-watch.ts';
import {describeFailure, type Row, type TransferSnapshot} from './row.ts';
import {RowStates} from './row-states.ts';
import {Rows} from './rows.ts';
import {type Locks, Runner} from './runner.ts';
import {SharedRows} from './shared-rows.ts';
import {Slots} from './slots.ts';
import {SpeedClock} from './speed-clock.ts';

export type {Conflict} from '../download/find-conflicts.ts';
export type {ConflictPolicy} from '../terms/conflict-policy.ts';
export type {Limits} from '../terms/limits.ts';
export type {NewTransfer} from '../terms/new-transfer.ts';
export type {Priority} from '../terms/priority.ts';
export type {TransferSnapshot} from './row.ts';

/** What is to be said of all transfers, from the first moment: while a long queue is read, too. */
export type QueueTotals = {
  /** Transfers in the queue, in whatever state. */
  readonly total: number;
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

export type QueueSnapshot = QueueTotals & {
  /** In queue order. A row whose transfer has not changed is the same object as before. */
  readonly rows: readonly TransferSnapshot[];
};

/** A transfer as it is at the moment it is looked at. */
export type LiveTransfer = Readonly<
  Pick<Row, 'id' | 'size' | 'state' | 'elsewhere' | 'settledElsewhere' | 'toSnapshot'>
>;

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
  /** How long another client that shares the queue is given to let go of a place. Default: 10 s. */
  patienceMs?: number | undefined;
  /** Compute the SHA-256 of each file while it arrives: `sha256` of the state of what is done. */
  checksums?: boolean | undefined;
};

/** What is waited at most for another client that holds the database, and until it is asked again. */
const busyMs = 100;

export class Queue implements AsyncDisposable {
  readonly #options: QueueOptions;
  readonly #client: Client;
  readonly #limits: LimitSettings;
  readonly #forgetLimits: () => void;
  readonly #rows = new Rows();
  readonly #ending = new Ending();
  readonly #states: RowStates;
  readonly #shared: SharedRows;
  readonly #journal: QueueJournal | undefined;
  readonly #runner: Runner;
  readonly #slots: Slots;
  readonly #publisher = new Publisher(() => {
    this.#snapshot = undefined;
    this.#totals = undefined;
  });
  readonly #clock = new SpeedClock(() => this.#states.tick(this.#slots.rows));
  readonly #idleWaiters: Array<() => void> = [];
  readonly #roomWatch: RoomWatch;
  readonly #heldBack: HeldBack;
  #pumpTimer: NodeJS.Timeout | undefined;
  #snapshot: QueueSnapshot | undefined;
  #totals: QueueTotals | undefined;
  #disposed = false;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#wait(busyMs);
    this.#client = options.client;
    this.#limits = options.limits ?? new LimitSettings(askedOf(options), options.store?.limits);
    this.#heldBack = new HeldBack(() => {
      this.#rows.lookFromTheFront();
      this.#pump();
    }, options.patienceMs);
    this.#states = new RowStates(
      {rows: this.#rows, clock: this.#clock, ending: this.#ending, publisher: this.#publisher},
      {
        toWrite: row => this.#journal?.changed(row),
        noRoom: row => this.#roomWatch.add(row),
        holdBack: row => this.#heldBack.add(row),
        progressed: () => this.#slots.balance(this.limits),
      },
    );
    const {host, port} = options.client.address;
    this.#shared = new SharedRows(
      this.#rows,
      this.#states,
      {store: options.store, server: `${host}:${port}`},
      {
        changed: () => this.#rowsChanged(),
        mayStart: () => this.#pump(),
        givingBack: () => this.#runner.unlockUnused(),
        // Other clients may have set limits, too.
        looked: () => this.#limits.look(),
      },
    );
    this.#journal = this.#shared.journal;
    this.#runner = new Runner(options.client, this.#states, {
      ending: this.#ending,
      locks: options.locks ?? options.store,
      next: count => this.#shared.ahead(count),
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
        this.#shared.goOn(rows);
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
    this.#journal?.load();
  }

  /** Whether all of it is kept on disk, to go on another time. */
  get isKept(): boolean {
    return this.#shared.areKept;
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
    const ids = this.#shared.add(transfers);
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
      this.#rows.prioritize(row, priority);
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
    this.#rows.forget(settled);
    this.#publisher.soon();
  }

  /**
   * Immutable; the same object until something changes. It has an object for each transfer: who
   * shows some of them asks for `totals` and `slice`.
   */
  snapshot(): QueueSnapshot {
    this.#snapshot ??= {...this.totals(), rows: this.slice(0)};
    return this.#snapshot;
  }

  /** Immutable; the same object until something changes. */
  totals(): QueueTotals {
    const unread = this.#journal?.unread;
    const total = this.#rows.size + (unread?.total ?? 0);
    // Not every slice that is read is told; what came since they were counted is in one of them.
    if (this.#totals?.total !== total) {
      this.#totals = {
        total,
        ...this.#rows.countsWith(unread?.counts),
        bytesPerSecond: this.#clock.bytesPerSecond,
        limits: this.limits,
        speedHistory: this.#clock.history,
      };
    }

    return this.#totals;
  }

  /** How many transfers can be shown by now: fewer than in total while a long queue is read. */
  get size(): number {
    return this.#rows.size;
  }

  /** Transfers as they are now, in queue order, from index `from` up to and without `to`. */
  slice(from: number, to?: number): TransferSnapshot[] {
    return this.#rows.all.slice(from, to).map(row => row.snapshot);
  }

  /** All that are read by now, in queue order, and only until the next turn. */
  get live(): readonly LiveTransfer[] {
    return this.#rows.all;
  }

  /** Index of a transfer in queue order; -1 if it was cleared. */
  indexOf(id: number): number {
    const row = this.#rows.get(id);
    return row === undefined ? -1 : this.#rows.indexOf(row);
  }

  /** Index of the first transfer that is not over; -1 if all are. */
  get firstUnsettled(): number {
    return this.#rows.all.findIndex(row => !isSettled(row.state));
  }

  /** The transfer of that file as it is now, the latest if there are several. */
  find(path: RemotePath): TransferSnapshot | undefined {
    return this.#rows.find(path)?.snapshot;
  }

  /** What is worked on, here and by other clients, in queue order. */
  get running(): TransferSnapshot[] {
    return this.#rows.all.filter(row => isRunning(row.state)).map(row => row.toSnapshot());
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
      this.#states.stop(row, {type: 'release'});
    }

    await Promise.allSettled(ended);
    clearTimeout(this.#pumpTimer);
    this.#clock.stop();
    this.#roomWatch.stop();
    this.#heldBack.stop();
    this.#publisher.stop();
    for (const resolve of this.#idleWaiters.splice(0)) {
      resolve();
    }

    // Nobody waits for keys any more, and what is not written now never is.
    this.#wait(busyTimeoutMs);
    this.#shared.close();
    this.#runner[Symbol.dispose]();
  }

  /** How long a call of the database may hold up keys and sockets. */
  #wait(ms: number): void {
    for (const store of new Set([this.#options.store, this.#options.locks])) {
      if (store !== undefined) {
        store.patienceMs = ms;
      }
    }
  }

  #obeyLimits(): void {
    this.#client.connections = connectionsOf(this.limits);
    this.#client.bytesPerSecond = this.limits.bytesPerSecond;
    this.#publisher.soon();
  }

  /** Other clients have added or changed some. */
  #rowsChanged(): void {
    if (this.#rows.counts.waiting > 0) {
      this.#roomWatch.start();
    }

    this.#publisher.soon();
  }

  #stop(id: number, event: TransferEvent): void {
    const row = this.#rows.get(id);
    if (row !== undefined) {
      this.#states.stop(row, event);
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

  /** Start what may start. */
  #pump(): void {
    while (!this.#disposed && !this.#ending.begun && this.#slots.count < this.limits.files) {
      const next = this.#rows.next(this.limits.files);
      if (next.length === 0) {
        break;
      }

      const rows = this.#shared.claim(next);
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
