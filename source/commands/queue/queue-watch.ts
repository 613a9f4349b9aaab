/**
 * Reports the changes in a queue that is kept on disk. Transfers that had settled before are history; rows are added,
 * moved and cleared meanwhile. It reports all that is fetched, also by another process that works on the queue.
 */

import {isJangadaError} from '../../../protocol/errors.ts';
import {leftWithoutRoom} from '../../transfers/disk/room.ts';
import type {Queue, TransferSnapshot} from '../../transfers/queue/queue.ts';
import {describeFailure} from '../../transfers/terms/failure.ts';
import {
  isRunning,
  isSettled,
  type TransferState,
  waitsForRoom,
} from '../../transfers/terms/transfer-state.ts';
import {QueueUpdates} from '../transfer/queue-updates.ts';
import type {TransferReport} from '../transfer/report.ts';
import {currentOf} from '../transfer/watch.ts';

export class QueueWatch implements Disposable {
  readonly #queue: Queue;
  readonly #report: TransferReport;
  readonly #updates: QueueUpdates;
  /** Ids of settled transfers that were reported, or are not to be reported. */
  readonly #over: Set<number>;
  readonly #sha256Of: ((file: string) => Promise<string>) | undefined;
  /** Files are hashed one after the other: thousands may be done at once, more than can be open. */
  #hashing: Promise<void> = Promise.resolve();
  /** Transfers that count as requested, each with its bytes. */
  readonly #asked = new Map<number, number>();

  /**
   * @param settled ids of transfers that are history.
   * @param sha256Of computes the SHA-256 of a file that another process fetched; undefined if checksums are not needed.
   */
  constructor(
    queue: Queue,
    settled: readonly number[],
    report: TransferReport,
    sha256Of: ((file: string) => Promise<string>) | undefined,
  ) {
    this.#queue = queue;
    this.#over = new Set(settled);
    this.#report = report;
    this.#sha256Of = sha256Of;
    this.#updates = new QueueUpdates(queue, changed => this.#tell(changed));
    // Rows that were read before this object could listen.
    this.#tell(new Set(queue.slice(0).map(({id}) => id)));
  }

  /** Report pending changes now. Resolves when the report has all of them. */
  async flush(): Promise<void> {
    this.#updates.now();
    // Another process may finish files while the last ones are hashed.
    for (let hashed: Promise<void> | undefined; hashed !== this.#hashing; ) {
      hashed = this.#hashing;
      await hashed;
      this.#updates.now();
    }
  }

  #tell(changed: ReadonlySet<number>): void {
    const settled: TransferSnapshot[] = [];
    for (const id of changed) {
      const transfer = this.#queue.transfer(id);
      if (transfer === undefined || isPaused(transfer.state)) {
        this.#giveUp(id);
      } else if (!isSettled(transfer.state)) {
        this.#over.delete(id);
        this.#ask(transfer);
      } else if (!this.#over.has(id)) {
        this.#over.add(id);
        this.#settle(transfer, settled);
      }
    }

    this.#report.update({settled, ...currentOf(this.#queue)});
  }

  /** Name the transfers that still wait for room on the disk as not done; they stay queued for another run. */
  giveUpWaiting(): void {
    const {bytesPerSecond} = this.#queue.totals();
    const settled = this.#queue.withoutRoom.map(transfer => ({
      ...transfer,
      state: failedWithoutRoom(transfer.state),
    }));
    this.#report.update({settled, running: [], waiting: [], waitingCount: 0, bytesPerSecond});
  }

  #settle(transfer: TransferSnapshot, settled: TransferSnapshot[]): void {
    if (transfer.state.name === 'canceled') {
      this.#giveUp(transfer.id);
      return;
    }

    this.#ask(transfer);
    this.#asked.delete(transfer.id);
    const {state} = transfer;
    const hasNoSum = state.name === 'done' && state.outcome === 'verified' && !state.sha256;
    const sha256Of = this.#sha256Of;
    if (hasNoSum && sha256Of !== undefined) {
      this.#hashing = this.#hashing.then(() => this.#hash(transfer, sha256Of));
    } else {
      settled.push(transfer);
    }
  }

  /** Report a file once its SHA-256 is known, or the user has stopped the run. */
  async #hash(
    transfer: TransferSnapshot,
    sha256Of: (file: string) => Promise<string>,
  ): Promise<void> {
    let {state} = transfer;
    try {
      state = {name: 'done', outcome: 'verified', sha256: await sha256Of(transfer.target)};
    } catch (error) {
      // If the user stops the run, the file is complete all the same.
      if (!isJangadaError(error, 'aborted')) {
        state = {name: 'failed', ...describeFailure(error)};
      }
    }

    this.#report.update({settled: [{...transfer, state}], ...currentOf(this.#queue)});
  }

  #ask({id, size = 0}: TransferSnapshot): void {
    if (!this.#asked.has(id)) {
      this.#asked.set(id, size);
      this.#report.tally.addAsked([{size}]);
    }
  }

  /** Another run will fetch this transfer. */
  #giveUp(id: number): void {
    const size = this.#asked.get(id);
    if (size !== undefined) {
      this.#asked.delete(id);
      this.#report.tally.asked--;
      this.#report.tally.askedBytes -= size;
    }
  }

  [Symbol.dispose](): void {
    this.#updates[Symbol.dispose]();
  }
}

function isPaused(state: TransferState): boolean {
  return state.name === 'paused' && !waitsForRoom(state) && !isRunning(state);
}

function failedWithoutRoom(state: TransferState): TransferState {
  const noRoom = waitsForRoom(state) ? state.noRoom : '';
  return {name: 'failed', code: 'no_space', reason: leftWithoutRoom(noRoom)};
}
