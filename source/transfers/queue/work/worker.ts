/**
 * Works on the rows of a queue: decides which run next, runs them, and turns the results into events of rows. Of all
 * processes that have a queue open, only one has a worker.
 *
 *     rows ─► pump ─► slots ─► Runner ─┬─ Download (a larger file, one or more connections)
 *      ▲                               └─ fetchSmallFiles (many small ones over one)
 *      └────────── RowChanges ◄── events ─┘
 */
import {
  isJangadaError,
  isServerLost,
  isTransient,
  type JangadaError,
} from '../../../../protocol/errors.ts';
import type {Client} from '../../../client/client.ts';
import type {Ending} from '../../blocks/ending.ts';
import type {TargetFolders} from '../../disk/folders/target-folders.ts';
import {leftWithoutRoom} from '../../disk/room.ts';
import type {BlockView} from '../../terms/block-view.ts';
import type {DownloadEvent} from '../../terms/download-event.ts';
import {describeFailure} from '../../terms/failure.ts';
import {isRunning, isSettled, waitsForRoom} from '../../terms/transfer-state.ts';
import type {VerifiedCopy} from '../../terms/verdict.ts';
import type {Wish, WishAnswer} from '../../terms/wish.ts';
import {fetchedBytes, type Row, targetOf} from '../rows/row.ts';
import type {RowChanges} from '../rows/row-changes.ts';
import type {Rows} from '../rows/rows.ts';
import type {LimitSettings} from './limit-settings.ts';
import {RoomWatch} from './room-watch.ts';
import type {RunListener} from './run-listener.ts';
import {type Locks, Runner} from './runner.ts';
import {Slots} from './slots.ts';
import {SpeedClock} from './speed-clock.ts';
import {Steering} from './steering.ts';

type WorkerTools = {
  client: Client;
  rows: Rows;
  changes: RowChanges;
  limits: LimitSettings;
  ending: Ending;
  targets: TargetFolders;
  /** Keeps other processes from saving to the same place. */
  locks: Locks | undefined;
  /** Whether to compute the SHA-256 of each file. */
  checksums: boolean;
  /** Whether to report the root digest of each file that is fetched alone. */
  roots: boolean | undefined;
  /** Whether to report the states of small files too. */
  states: boolean;
};

type WorkerListener = {
  /** The file of a row is verified, and was not changed since. */
  verified(row: Row, copy: VerifiedCopy): void;
  /** The file of a row was written and verified, and has its final name. */
  saved(row: Row): void;
  /** A run has ended; the queue may be idle now. */
  freed(): void;
  /** Counters have changed: 4 times a second while something runs. */
  ticked(): void;
  /** A file with the policy `rename` is about to get its final name: the database must say before that it was begun. */
  aboutToName(id: number): void;
  /** A fact that users should know: a file could not get its time. Reported once. */
  noticed(text: string): void;
  /** Rows are about to be cleared. They still exist here. */
  cleared(ids: readonly number[]): void;
  /** Rows that were cleared before this process could see them. */
  recall(ids: readonly number[]): readonly Row[];
  /** Cleared rows were restored. */
  restored(ids: readonly number[]): void;
  /** The server is gone for good. @returns whether its transfers stay queued. */
  lost(error: JangadaError): boolean;
};

export class Worker implements RunListener, AsyncDisposable {
  readonly #tools: WorkerTools;
  readonly #listener: WorkerListener;
  readonly #runner: Runner;
  readonly #slots: Slots;
  readonly #steering: Steering;
  readonly #roomWatch: RoomWatch;
  readonly #clock = new SpeedClock(() => this.#tick());
  #disposed = false;
  #hasNoticedTime = false;

  constructor(tools: WorkerTools, listener: WorkerListener) {
    this.#tools = tools;
    this.#listener = listener;
    const {client, rows} = tools;
    const runner = new Runner(client, this, tools);
    this.#runner = runner;
    this.#slots = new Slots(rows, runner, {
      failed: (id, error) => this.#failed(id, error),
      ended: id => this.#ended(id),
      freed: () => {
        this.pump();
        listener.freed();
      },
    });
    this.#steering = new Steering({
      ...{rows, changes: tools.changes, slots: this.#slots},
      deletePartial: row => runner.deletePartial(row),
      failed: (id, error) => this.#failed(id, error),
      cleared: ids => listener.cleared(ids),
      recall: ids => listener.recall(ids),
      restored: ids => listener.restored(ids),
    });
    this.#roomWatch = new RoomWatch({
      room: runner.room,
      waiting: () => rows.withoutRoom,
      isOpen: id => {
        const row = rows.get(id);
        return row !== undefined && !isSettled(row.state);
      },
      folderOf: row => runner.folderOf(row),
      goOn: ids => {
        for (const id of ids) {
          this.#steering.happen(id, {type: 'resume'});
        }

        this.pump();
      },
    });
  }

  /** Number of slots in use. */
  get count(): number {
    return this.#slots.count;
  }

  /** Total speed, in bytes a second. */
  get bytesPerSecond(): number {
    return this.#clock.bytesPerSecond;
  }

  /** Total speed at the last ticks (4 a second), oldest first. */
  get speedHistory(): readonly number[] {
    return this.#clock.history;
  }

  /** See `Slots.blocksOf`. */
  blocksOf(id: number): BlockView | undefined {
    return this.#slots.blocksOf(id);
  }

  /** Start rows while there are free slots. */
  pump(): void {
    const {rows, limits, ending, changes} = this.#tools;
    const {files} = limits.current;
    while (!this.#disposed && !ending.begun && this.#slots.count < files) {
      const next = rows.next(files, id => this.#slots.has(id));
      if (next.length === 0) {
        break;
      }

      for (const {id} of next) {
        changes.apply(id, {type: 'start'});
      }

      this.#slots.start(next, id => this.isWanted(id));
    }

    this.#slots.balance(limits.current);
    if (this.#slots.count > 0) {
      this.#clock.start();
    } else {
      this.#clock.stop();
    }

    if (rows.counts.waiting > 0 && !this.#disposed) {
      this.#roomWatch.start();
    }
  }

  /** The worker has new rows. */
  added(rows: Iterable<Row>): void {
    this.#steering.added(rows);
  }

  /** Carry out a user's wish on rows. */
  carryOut(wish: Wish): WishAnswer {
    const answer = this.#steering.carryOut(wish);
    // In the next turn: the caller may have further wishes, and must not get change events before this returns.
    setImmediate(() => this.pump());
    return answer;
  }

  tell(id: number, event: DownloadEvent): void {
    const {rows, changes} = this.#tools;
    if (event.type === 'failed') {
      this.#failed(id, event.error);
      return;
    }

    if (event.type === 'changing') {
      return;
    }

    if (event.type === 'time') {
      this.#noticeTime(id, event);
      return;
    }

    const before = rows.get(id);
    if (before !== undefined && event.type === 'done' && event.copy !== undefined) {
      // Report this first: a listener for `done` may look the verdict up.
      this.#listener.verified(before, event.copy);
    }

    const after = changes.apply(id, event);
    if (before === undefined || after === undefined) {
      return;
    }

    // A file that was complete already is verified, too, but nothing was written. A pause or a cancel after `finish` comes
    // too late; then the fetched bytes tell.
    const isWritten = before.state.name === 'finishing' || fetchedBytes(after) > 0;
    if (event.type === 'done' && event.outcome === 'verified' && isWritten) {
      this.#listener.saved(after);
    }

    if (event.type === 'progress') {
      this.#clock.moved(id, fetchedBytes(after) - fetchedBytes(before), {total: true});
    } else if (event.type === 'done' && event.arrived !== undefined) {
      this.#clock.arrived(fetchedBytes(after) - fetchedBytes(before));
    } else {
      this.#clock.moved(id, localBytes(after) - localBytes(before), {total: false});
      if (isLocal(before) && after.state.name !== before.state.name) {
        // The speed of the disk says nothing about the speed of the link.
        this.#clock.forget(id);
        changes.apply(id, {type: 'speed', bytesPerSecond: 0});
      }
    }

    if (event.type === 'finish' && after.transfer.onConflict === 'rename') {
      this.#listener.aboutToName(id);
    }

    if (event.type === 'size' || event.type === 'download') {
      this.#slots.balance(this.#tools.limits.current);
    }
  }

  isWanted(id: number): boolean {
    const row = this.#tools.rows.get(id);
    return row !== undefined && isRunning(row.state);
  }

  /** Let transfers that wait for room fail, because no user will wait for it. */
  giveUpWaiting(): void {
    const {rows, changes} = this.#tools;
    for (const {id, state} of rows.withoutRoom) {
      if (waitsForRoom(state)) {
        const reason = leftWithoutRoom(state.noRoom);
        changes.apply(id, {type: 'fail', code: 'no_space', reason});
      }
    }
  }

  /** Resolves when all current runs have ended. */
  async ended(): Promise<void> {
    await this.#slots.ended();
  }

  /** Stop all runs. They can be continued later. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    for (const id of [...this.#slots.ids]) {
      this.#steering.happen(id, {type: 'release'});
    }

    await this.#slots.ended();
    this.#clock.stop();
    this.#roomWatch.stop();
    this.#runner[Symbol.dispose]();
  }

  #tick(): void {
    for (const id of this.#slots.ids) {
      this.#tools.changes.apply(id, {type: 'speed', bytesPerSecond: this.#clock.speedOf(id)});
    }

    this.#listener.ticked();
  }

  /** Reported for one file only: a disk that cannot store one time usually cannot store thousands. */
  #noticeTime(id: number, {wantedMs, heldMs, reason}: DownloadEvent & {type: 'time'}): void {
    const row = this.#tools.rows.get(id);
    if (row !== undefined && !this.#hasNoticedTime) {
      this.#hasNoticedTime = true;
      this.#listener.noticed(
        `${targetOf(row)} has the time ${inWords(heldMs)} instead of ${inWords(wantedMs)}: ${reason}. ` +
          'Further such files are not reported',
      );
    }
  }

  #failed(id: number, error: unknown): void {
    const {rows, changes, ending} = this.#tools;
    const row = rows.get(id);
    // The transfer was stopped on request, and the request has set its state; unless the client is gone.
    const isStopped = isJangadaError(error, 'aborted');
    if (row === undefined || (isStopped && !isRunning(row.state))) {
      return;
    }

    if (ending.begun && (isStopped || isTransient(error) || isLost(error))) {
      // To continue at another time.
      changes.apply(id, {type: 'release'});
      return;
    }

    const failure = describeFailure(error);
    if (failure.code === 'no_space') {
      const waiting = changes.apply(id, {type: 'wait', noRoom: failure.reason});
      if (waiting !== undefined) {
        this.#roomWatch.add(waiting);
      }

      return;
    }

    if (isLost(error) && this.#listener.lost(error)) {
      changes.apply(id, {type: 'release'});
      return;
    }

    changes.apply(id, {type: 'fail', ...failure});
    if (failure.code === 'unreachable' && rows.counts.queued > 0) {
      // All allowed attempts have failed, so they would fail for all queued transfers too.
      for (const other of rows.idsIn(({name}) => name === 'queued')) {
        changes.apply(other, {type: 'fail', ...failure});
      }
    }
  }

  /** No work on the transfer continues. */
  #ended(id: number): void {
    const {rows, changes} = this.#tools;
    this.#clock.forget(id);
    changes.apply(id, {type: 'speed', bytesPerSecond: 0});
    const row = rows.get(id);
    if (row !== undefined && isRunning(row.state)) {
      // The row was not begun because the queue is ending, or its group left it over.
      changes.apply(id, {type: 'release'});
    } else if (row?.state.name === 'canceled') {
      this.#steering.deletePartial(row);
    }
  }
}

/** A time as text for the user: `1969-12-31 23:59:59.500 UTC`. */
function inWords(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime())
    ? `${ms} ms after 1970`
    : date.toISOString().replace('T', ' ').replace('Z', ' UTC');
}

function isLost(error: unknown): error is JangadaError {
  return isJangadaError(error) && isServerLost(error.code);
}

function isLocal({state}: Row): boolean {
  return state.name === 'checking' || state.name === 'copying';
}

/** Local bytes that were hashed or copied. */
function localBytes({state}: Row): number {
  return state.name === 'checking'
    ? state.checkedBytes
    : state.name === 'copying'
      ? state.copiedBytes
      : 0;
}
