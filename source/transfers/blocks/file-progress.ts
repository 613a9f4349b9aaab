/**
 * Counts the bytes of one file during its download, and reports them: with each verified block, and in between as bytes
 * arrive, so that a slow link shows progress too. If no more bytes arrive, a timer reports the last ones a little
 * later, so that a silent connection does not leave an old number on the screen.
 */
import {Due} from '../../../protocol/due.ts';
import type {BlockView} from '../terms/block-view.ts';
import type {DownloadEvent} from '../terms/download-event.ts';
import type {BlockPlan} from './block-plan.ts';

/** Time between two events for bytes that are not verified yet, in milliseconds. */
const tellEveryMs = 100;

type ProgressEvent = Extract<DownloadEvent, {type: 'progress'}>;

export class FileProgress {
  readonly #tell: (event: ProgressEvent) => void;
  readonly #due: Due;
  #plan: BlockPlan | undefined;
  #onFront: ((bytes: number) => void) | undefined;
  #unverifiedBytes = 0;
  // Bytes that were on disk before the first attempt and are still valid in this one.
  #reusedBytes = Number.POSITIVE_INFINITY;
  #copiedBytes = 0;
  // Runs only while there are unreported bytes.
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (event: ProgressEvent) => void, now?: () => number) {
    this.#tell = tell;
    this.#due = new Due(tellEveryMs, now);
  }

  /**
   * An attempt begins. The blocks that are done in `plan` were on disk before.
   *
   * @param onFront called with the number of verified bytes from the beginning of the file.
   * @returns a handle that ends the attempt: no more events until the next one begins.
   */
  begin(plan: BlockPlan, onFront?: (bytes: number) => void): Disposable {
    this.#plan = plan;
    this.#onFront = onFront;
    this.#unverifiedBytes = 0;
    this.#reusedBytes = Math.min(this.#reusedBytes, plan.doneBytes);
    this.#tellNow();
    return {[Symbol.dispose]: () => this.#stopTimer()};
  }

  /** `bytes` more have arrived. Called for every read of a socket. */
  received(bytes: number): void {
    this.#unverifiedBytes += bytes;
    if (this.#due.passed()) {
      this.#tellNow();
    } else {
      this.#timer ??= setTimeout(() => this.#tellNow(), tellEveryMs);
    }
  }

  /** `bytes` that were received cannot be verified: they must be received again. */
  lost(bytes: number): void {
    if (bytes > 0) {
      this.#unverifiedBytes -= bytes;
      this.#tellNow();
    }
  }

  /** A received block of `bytes` is on disk, and done in the plan. */
  verified(bytes: number): void {
    this.#unverifiedBytes -= bytes;
    this.#tellNow();
  }

  /** A copied block of `bytes` is on disk, and done in the plan. */
  copied(bytes: number): void {
    this.#copiedBytes += bytes;
    this.#tellNow();
  }

  /** The blocks of the file in the current or the last attempt. */
  get blocks(): BlockView | undefined {
    return this.#plan?.view;
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tellNow(): void {
    this.#stopTimer();
    const verifiedBytes = this.#plan?.doneBytes ?? 0;
    // Blocks that an earlier attempt copied may have been replaced since.
    const copiedBytes = Math.min(this.#copiedBytes, verifiedBytes - this.#reusedBytes);
    this.#onFront?.(this.#plan?.frontBytes ?? 0);
    this.#due.restart();
    this.#tell({
      type: 'progress',
      receivedBytes: verifiedBytes + this.#unverifiedBytes,
      verifiedBytes,
      reusedBytes: this.#reusedBytes + copiedBytes,
      copiedBytes,
    });
  }
}
