/**
 * What happens to the transfers of a queue, as their states and counters: events come in, readers
 * and whoever writes them down are told.
 */
import {isJangadaError, isTransient, JangadaError} from '../../../protocol/errors.ts';
import type {Ending} from '../blocks/ending.ts';
import {
  isRunning,
  nextState,
  type TransferEvent,
  type TransferState,
} from '../terms/transfer-state.ts';
import type {Publisher} from './publisher.ts';
import {describeFailure, type Row} from './row.ts';
import type {Rows} from './rows.ts';
import type {RunnerListener} from './runner.ts';
import type {SpeedClock} from './speed-clock.ts';

export type RowStatesTools = {
  rows: Rows;
  clock: SpeedClock;
  ending: Ending;
  publisher: Publisher;
};

export type RowStatesListener = {
  /** Something of `row` is to be kept for the next time. */
  toWrite(row: Row): void;
  /** `row` has stopped for want of room. */
  noRoom(row: Row): void;
  /** Another client has not let go of `row`. @returns whether it is tried again in a moment. */
  holdBack(row: Row): boolean;
  /** A larger file is somewhere else on its way: it may need more connections, or fewer. */
  progressed(): void;
};

export class RowStates implements RunnerListener {
  readonly #rows: Rows;
  readonly #clock: SpeedClock;
  readonly #ending: Ending;
  readonly #publisher: Publisher;
  readonly #listener: RowStatesListener;

  constructor({rows, clock, ending, publisher}: RowStatesTools, listener: RowStatesListener) {
    this.#rows = rows;
    this.#clock = clock;
    this.#ending = ending;
    this.#publisher = publisher;
    this.#listener = listener;
  }

  event(row: Row, event: TransferEvent): void {
    if (event.type === 'check' || event.type === 'copy') {
      const localBytes = event.type === 'check' ? event.checkedBytes : event.copiedBytes;
      this.#clock.moved(row.id, Math.max(0, localBytes - row.localBytes), {total: false});
      row.localBytes = localBytes;
    }

    const state = nextState(row.state, event);
    if (state === row.state) {
      return;
    }

    const isLocal = row.state.name === 'checking' || row.state.name === 'copying';
    if (isLocal && state.name === row.state.name) {
      // A counter: the next tick tells it.
      row.state = state;
      row.changed();
    } else {
      if (isLocal) {
        // How fast a disk was read says nothing of what comes next.
        this.#clock.forget(row.id);
        row.bytesPerSecond = 0;
      }

      this.set(row, state);
    }

    if (row.run?.download !== undefined) {
      this.#listener.progressed();
    }
  }

  failed(row: Row, error: unknown): void {
    // Stopped on request, and the request has set the state; unless the client is gone.
    const isStopped = isJangadaError(error, 'aborted');
    if (isStopped && !isRunning(row.state)) {
      return;
    }

    if (this.#ending.begun && (isStopped || isTransient(error))) {
      // To go on another time.
      this.event(row, {type: 'release'});
      return;
    }

    const failure = describeFailure(error);
    if (failure.code === 'no_space') {
      this.event(row, {type: 'wait', noRoom: failure.reason});
      this.#listener.noRoom(row);
      return;
    }

    const event: TransferEvent = {type: 'fail', ...failure};
    this.event(row, event);
    if (event.code === 'unreachable' && this.#rows.counts.queued > 0) {
      // As many attempts as were asked for have failed: the same holds for all that wait.
      for (const other of this.#rows.waiting) {
        this.event(other, event);
      }
    }
  }

  refused(row: Row, error: JangadaError): void {
    if (row.claimed && this.#listener.holdBack(row)) {
      this.event(row, {type: 'release'});
    } else {
      this.failed(row, error);
    }
  }

  size(row: Row, bytes: number): void {
    row.size = bytes;
    this.#changed(row);
  }

  version(row: Row, version: string, begunAnew: boolean): void {
    row.version = version;
    row.begunAnew ||= begunAnew;
    this.#changed(row);
  }

  target(row: Row, path: string): void {
    row.target = path;
    this.#changed(row);
  }

  verified(row: Row, bytes: number, reusedBytes: number, copiedBytes: number): void {
    const fetched = bytes - reusedBytes - (row.verifiedBytes - row.reusedBytes);
    this.#clock.moved(row.id, Math.max(0, fetched), {total: true});
    row.verifiedBytes = bytes;
    row.reusedBytes = reusedBytes;
    row.copiedBytes = copiedBytes;
    row.changed();
  }

  /** Nobody works on `row` any more. */
  ended(row: Row): void {
    row.localBytes = 0;
    this.#clock.forget(row.id);
    row.bytesPerSecond = 0;
    this.#changed(row);
    // Blocks that were in hand when it was paused have been written since.
    this.#listener.toWrite(row);
    if ((row.longWay || this.#ending.begun) && isRunning(row.state)) {
      // Back in line: as a download of its own, or for the next time.
      this.set(row, {name: 'queued'});
    }

    if (row.state.name === 'queued') {
      this.#rows.lookFromTheFront();
    }
  }

  /** Have `row` stop, whoever works on it: another client hears of it from the database. */
  stop(row: Row, event: TransferEvent): void {
    if (row.elsewhere !== undefined) {
      this.#rows.set(row, row.state, null);
    }

    this.event(row, event);
    row.run?.abort();
  }

  /** Time has passed for those that are worked on. */
  tick(rows: Iterable<Row>): void {
    for (const row of rows) {
      row.bytesPerSecond = this.#clock.speedOf(row.id);
      row.changed();
      this.#listener.toWrite(row);
    }

    this.#publisher.now();
  }

  /** See to it that two transfers never save to one name: the later one fails. */
  reserve(row: Row): void {
    if (!this.#rows.reserve(row)) {
      this.failed(row, new JangadaError('exists', 'Another transfer saves to this name'));
    }
  }

  set(row: Row, state: TransferState): void {
    if (row.settledElsewhere) {
      row.settledElsewhere = false;
    }

    this.#rows.set(row, state);
    if (this.#rows.get(row.id) === row) {
      this.#listener.toWrite(row);
    }

    this.#publisher.soon();
  }

  #changed(row: Row): void {
    row.changed();
    this.#publisher.soon();
  }
}
