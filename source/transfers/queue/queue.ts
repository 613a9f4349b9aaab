/**
 * The ordered transfers of one server: all that front-ends can see of them and request for them. The process that holds
 * the lease of a queue works on it. Any other process is a companion: it shows the same rows, passes wishes on, and
 * takes over when the worker ends.
 *
 *             ┌─ Worker ── runs rows ──► Journal ──► database ◄── wishes, added rows
 *     Rows ◄──┤                                         │
 *             └─ Companion ◄──────── Reader ◄───────────┘
 */
import {serverName} from '../../../protocol/address.ts';
import type {CallOptions} from '../../client/client.ts';
import {Ending} from '../blocks/ending.ts';
import type {Holder} from '../database/locks/places.ts';
import {busyTimeoutMs} from '../database/sqlite/open-database.ts';
import {flusher} from '../disk/flush.ts';
import {FolderMaker, type MadeFolder} from '../disk/folders/folder-maker.ts';
import {TargetFolders} from '../disk/folders/target-folders.ts';
import {
  areTaken,
  type Conflict,
  type FileInTheWay,
  filesAt,
  findConflicts,
} from '../download/find-conflicts.ts';
import {connectionsOf, type Limits} from '../terms/limits.ts';
import type {NewTransfer, WantedFile} from '../terms/new-transfer.ts';
import type {Wish, WishAnswer} from '../terms/wish.ts';
import {IdleWaiters} from './idle-waiters.ts';
import {type QueueOptions, waitForDatabase} from './queue-options.ts';
import type {Figures} from './queue-view.ts';
import {newRow, type Row, targetOf} from './rows/row.ts';
import {RowChanges} from './rows/row-changes.ts';
import {SharedQueue} from './shared-queue.ts';
import {SteeredQueue} from './steered-queue.ts';
import {UndoSteps} from './undo-steps.ts';
import {Verdicts} from './verdicts.ts';
import {askedOf, LimitSettings} from './work/limit-settings.ts';
import {Worker} from './work/worker.ts';

export type {Holder} from '../database/locks/places.ts';
export type {Conflict} from '../download/find-conflicts.ts';
export type {ConflictPolicy} from '../terms/conflict-policy.ts';
export type {Limits} from '../terms/limits.ts';
export type {NewTransfer} from '../terms/new-transfer.ts';
export type {Priority} from '../terms/priority.ts';
export type {Verdict} from '../terms/verdict.ts';
export type {QueueOptions} from './queue-options.ts';
export type {QueueSnapshot, QueueTotals} from './queue-view.ts';
export type {TransferSnapshot} from './rows/row.ts';
export {type ByteTotals, bytesHere} from './rows/row-bytes.ts';
export {Verdicts} from './verdicts.ts';
export {LimitSettings} from './work/limit-settings.ts';

/** How long a call waits for another process that has locked the database. Keys and sockets wait meanwhile. */
const busyMs = 100;

export class Queue extends SteeredQueue implements AsyncDisposable {
  /** Remembered results of comparing local files with the server's. */
  readonly verdicts: Verdicts;
  /** Steps of users that can be undone, including those of other processes. */
  readonly undoSteps: UndoSteps;
  /**
   * The blocks of a larger running file, once it is known which are on disk; in a companion, as the worker wrote them.
   */
  readonly blocksOf = (id: number) => (this.#worker ?? this.#shared?.companion)?.blocksOf(id);
  /** When the transfer was added, in milliseconds since 1970; undefined if the queue is not stored. */
  readonly addedMs = (id: number) => this.#shared?.addedMs(id);
  readonly #options: QueueOptions;
  readonly #limits: LimitSettings;
  readonly #forgetLimits: () => void;
  readonly #ending = new Ending();
  readonly #targets = new TargetFolders();
  readonly #folderMaker = new FolderMaker(flusher);
  readonly #changes = new RowChanges(this.rows, this.publisher, row => {
    this.#shared?.journal.changed(row);
  });
  readonly #shared: SharedQueue | undefined;
  readonly #idleWaiters = new IdleWaiters();
  #worker: Worker | undefined;
  #nextId = 1;
  #disposed = false;

  constructor(options: QueueOptions) {
    super();
    this.#options = options;
    this.verdicts = new Verdicts((options.locks ?? options.store)?.verdicts, this.#server);
    this.undoSteps = new UndoSteps(options.store?.undoSteps, this.#server);
    waitForDatabase(options, busyMs);
    this.#limits = options.limits ?? new LimitSettings(askedOf(options), options.store?.limits);
    this.#shared = this.#share(options);
    if (options.limits !== undefined || options.store !== undefined) {
      this.#limits.look();
      this.#obeyLimits();
    }

    this.#forgetLimits = this.#limits.onChange(() => {
      this.#obeyLimits();
      this.#worker?.pump();
    });
    if (this.#shared === undefined) {
      this.#work();
    }

    this.#shared?.start();
  }

  /** Whether the whole queue is stored on disk, so that it can continue in another process. */
  get isKept(): boolean {
    return this.#shared?.isKept === true;
  }

  /** The process that works on the queue, if it is another one. This process is then its companion. */
  get worker(): Holder | undefined {
    return this.#shared?.worker;
  }

  /** How many files and connections are used at once, and how fast. */
  get limits(): Limits {
    return this.#limits.current;
  }

  /**
   * New limits apply at once: a higher one starts more files; a lower one does not stop running files, but no file is
   * started until enough of them have ended. The connections and the rate of the client change too. A stored queue
   * saves the limits for all processes.
   *
   * @throws JangadaError `usage` for a number that is not valid as a limit.
   */
  set limits(limits: Limits) {
    this.#limits.change(limits);
  }

  /** Those of `transfers` whose final name is taken. Changes nothing. */
  async conflicts(transfers: readonly NewTransfer[]): Promise<Conflict[]> {
    return await findConflicts(transfers, path => this.#targets.at(path));
  }

  /** For each of `files`, in order, whether a file has its final name. Changes nothing. */
  async areTaken(files: readonly WantedFile[]): Promise<boolean[]> {
    return await areTaken(files, path => this.#targets.at(path));
  }

  /** For each of `files`, in order, the file that has its final name, or undefined. Changes nothing. */
  async inTheWay(files: readonly WantedFile[]): Promise<Array<FileInTheWay | undefined>> {
    return await filesAt(files, path => this.#targets.at(path));
  }

  /**
   * Make the folder at `localPath`, a remote path, below `folder`, at once. It may exist already.
   *
   * @throws JangadaError `unsafe_target` if a part of the path is a link or a file, `local_io`, `no_space`.
   */
  makeFolder(folder: string, localPath: string): MadeFolder {
    return this.#folderMaker.make(this.#targets.at(folder), localPath);
  }

  /** Resolves when the made folders are flushed to the disk. @throws JangadaError `local_io`. */
  async flushFolders(): Promise<void> {
    await this.#folderMaker.flush();
  }

  /**
   * Add transfers at the end of their priority.
   *
   * @returns their ids, in the same order.
   * @throws JangadaError `local_io` in a companion, if the database cannot be written. Then nothing is added.
   */
  add(transfers: readonly NewTransfer[]): number[] {
    const rows = this.#shared?.add(transfers) ?? this.#newRows(transfers);
    this.#changes.put(rows);
    this.#worker?.added(rows);
    // Wait for the end of this turn: transfers that are added in it can run together with these.
    setImmediate(() => this.#worker?.pump());
    return rows.map(({id}) => id);
  }

  /** Whether a transfer is canceled, or will be as soon as the worker reads the wish. */
  isCanceled(id: number): boolean {
    const word = this.#shared?.companion?.lastWord(id);
    // A wish that was carried out in the meantime is visible in the row.
    this.#shared?.look();
    return word === undefined ? this.rows.get(id)?.state.name === 'canceled' : word === 'cancel';
  }

  /** Remove ended transfers, whatever their result, from a queue that is not stored. */
  forget(ids: readonly number[]): void {
    if (ids.length > 0) {
      this.#changes.forget(ids);
    }
  }

  protected override get figures(): Figures {
    const companion = this.#shared?.companion;
    const {bytesPerSecond = 0, speedHistory = []} = this.#worker ?? companion ?? {};
    return {
      ...{bytesPerSecond, speedHistory, limits: this.limits, worker: this.worker},
      unwritten: companion?.unwritten.length ?? 0,
      unread: this.#shared?.unread,
    };
  }

  /** Report pending changes to the listeners now. */
  flush(): void {
    this.publisher.now();
  }

  /** Let transfers that wait for room fail, because no user will wait for it. */
  giveUpWaiting(): void {
    this.#worker?.giveUpWaiting();
  }

  /** Whether no transfer is queued or running, here or in the process that works on the queue. */
  get isIdle(): boolean {
    const {active, queued} = this.rows.counts;
    const unwritten = this.#shared?.companion?.unwritten.length ?? 0;
    const atWork = this.#worker?.count ?? 0;
    return active + queued + atWork + unwritten === 0 && this.#shared?.loading !== true;
  }

  /**
   * Resolves when no transfer is queued or running. A transfer that waits for room is neither. @throws JangadaError
   * `aborted`.
   */
  async idle({signal}: CallOptions = {}): Promise<void> {
    if (!this.#disposed) {
      const idle = this.#idleWaiters.wait(signal);
      this.#mayBeIdle();
      // A companion has no connection that would keep the process alive.
      using _alive = this.#shared?.keepAlive();
      await idle;
    }
  }

  /**
   * Start nothing more, and let work in hand complete: blocks that are arriving are written, small files are renamed,
   * and a transfer with all of its blocks is finished.
   *
   * @param withinMs Default: 3 s. Work that is unfinished by then stops when the queue is disposed of.
   */
  async finishInHand(withinMs = 3000): Promise<void> {
    this.#ending.begin(withinMs);
    const timeUp = Promise.withResolvers<void>();
    const timer = setTimeout(timeUp.resolve, withinMs);
    await Promise.race([this.#worker?.ended(), timeUp.promise]);
    clearTimeout(timer);
  }

  /**
   * Stop running transfers, and wait until they have stopped. Partials stay.
   *
   * @throws JangadaError `local_io` in a companion, if its last wishes could not be written.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#forgetLimits();
    await this.#worker?.[Symbol.asyncDispose]();
    this.publisher.stop();
    this.#idleWaiters.tell();
    // Nobody waits for keys any more, and this is the last chance to write.
    waitForDatabase(this.#options, busyTimeoutMs);
    this.#limits.flush();
    this.verdicts[Symbol.dispose]();
    try {
      this.#shared?.close();
    } finally {
      this.#targets[Symbol.dispose]();
    }
  }

  get #server(): string {
    return serverName(this.#options.client.address);
  }

  /** The queue as stored in the database; undefined: it belongs only to this process, and ends with it. */
  #share({store}: QueueOptions): SharedQueue | undefined {
    if (store === undefined) {
      return undefined;
    }

    try {
      return new SharedQueue(
        {rows: this.rows, changes: this.#changes, store, server: this.#server},
        {
          works: () => this.#work(),
          added: rows => {
            this.#worker?.added(rows);
            setImmediate(() => this.#worker?.pump());
          },
          carryOut: wish => this.#worker?.carryOut(wish) ?? {ids: []},
          changed: () => {
            this.publisher.soon();
            this.#mayBeIdle();
          },
          blocksOf: this.blocksOf,
          looked: () => {
            this.#limits.look();
            this.verdicts.news();
          },
        },
      );
    } catch {
      // There can be no lock, or the database cannot be read: `isKept` tells that the queue ends with this process.
      return undefined;
    }
  }

  /** Become the worker of the queue. */
  #work(): void {
    const {client, store, locks = store, checksums = false, roots, onLost, onSaved} = this.#options;
    this.#worker = new Worker(
      {
        ...{client, rows: this.rows, changes: this.#changes, limits: this.#limits},
        ...{ending: this.#ending, targets: this.#targets, locks, checksums, roots},
        // A command only uses the locks of the store, and does not need the states of small files.
        states: this.#options.locks === undefined,
      },
      {
        verified: (row, copy) =>
          this.verdicts.remember(targetOf(row), {
            ...copy,
            remotePath: row.transfer.remotePath,
            equal: true,
          }),
        saved: row => onSaved?.(targetOf(row)),
        freed: () => this.#mayBeIdle(),
        ticked: () => this.publisher.now(),
        aboutToName: id => this.#shared?.journal.writeBegun(id),
        noticed: text => this.tellNotice(text),
        cleared: ids => this.#shared?.journal.removed(ids),
        recall: ids => this.#shared?.journal.recall(ids) ?? [],
        restored: ids => this.#shared?.journal.restored(ids),
        lost: error => {
          if (onLost !== undefined) {
            this.#ending.begin(0);
            onLost(error);
          }

          return onLost !== undefined;
        },
      },
    );
  }

  #newRows(transfers: readonly NewTransfer[]): Row[] {
    let last = this.rows.lastPosition;
    return transfers.map(transfer => newRow(this.#nextId++, ++last, transfer));
  }

  protected override steer(wish: Wish): WishAnswer | undefined {
    if (this.#worker === undefined) {
      this.#shared?.companion?.wish(wish);
      this.publisher.soon();
      return undefined;
    }

    const answer = this.#worker.carryOut(wish);
    this.#shared?.journal.writeNext();
    this.#mayBeIdle();
    return answer;
  }

  #mayBeIdle(): void {
    if (!this.#idleWaiters.isEmpty && this.isIdle) {
      // Another process may have added transfers a moment ago.
      this.#shared?.look();
      if (this.isIdle) {
        this.#idleWaiters.tell();
      }
    }
  }

  #obeyLimits(): void {
    const {client} = this.#options;
    client.connections = connectionsOf(this.limits);
    client.bytesPerSecond = this.limits.bytesPerSecond;
    this.publisher.soon();
  }
}
