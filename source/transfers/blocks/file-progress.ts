/**
 * Counts the bytes of one file while it is downloaded, and tells them: with each block that is
 * verified, and in between as bytes come, so that a slow link shows progress too. Where nothing more
 * comes, the last bytes are told a little later: a line that falls silent leaves no old number.
 */
import {Due} from '../../../protocol/due.ts';
import type {BlockView} from '../terms/block-view.ts';
import type {DownloadEvent} from '../terms/download-event.ts';
import type {BlockPlan} from './block-plan.ts';

/** Time between two events for bytes that are not verified yet. */
const tellEveryMs = 100;

type ProgressEvent = Extract<DownloadEvent, {type: 'progress'}>;

export class FileProgress {
  readonly #tell: (event: ProgressEvent) => void;
  readonly #due: Due;
  #plan: BlockPlan | undefined;
  #onFront: ((bytes: number) => void) | undefined;
  #unverifiedBytes = 0;
  // Bytes that were on disk before the first attempt and still count in this one.
  #reusedBytes = Number.POSITIVE_INFINITY;
  #copiedBytes = 0;
  // Runs only while there are bytes that were not told.
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (event: ProgressEvent) => void, now?: () => number) {
    this.#tell = tell;
    this.#due = new Due(tellEveryMs, now);
  }

  /**
   * An attempt begins: the blocks that are done in `plan` were on disk before.
   *
   * @param onFront is told how many bytes from the beginning of the file are verified.
   * @returns what ends the attempt: nothing more is told until the next one begins.
   */
  begin(plan: BlockPlan, onFront?: (bytes: number) => void): Disposable {
    this.#plan = plan;
    this.#onFront = onFront;
    this.#unverifiedBytes = 0;
    this.#reusedBytes = Math.min(this.#reusedBytes, plan.doneBytes);
    this.#tellNow();
    return {[Symbol.dispose]: () => this.#stopTimer()};
  }

  /** `bytes` more have come. Called for every read of a socket. */
  received(bytes: number): void {
    this.#unverifiedBytes += bytes;
    if (this.#due.passed()) {
      this.#tellNow();
    } else {
      this.#timer ??= setTimeout(() => this.#tellNow(), tellEveryMs);
    }
  }

  /** `bytes` that were received will not be verified: they have to come again. */
  lost(bytes: number): void {
    if (bytes > 0) {
      this.#unverifiedBytes -= bytes;
      this.#tellNow();
    }
  }

  /** A received block of `bytes` is written, and done in the plan. */
  verified(bytes: number): void {
    this.#unverifiedBytes -= bytes;
    this.#tellNow();
  }

  /** A copied block of `bytes` is written, and done in the plan. */
  copied(bytes: number): void {
    this.#copiedBytes += bytes;
    this.#tellNow();
  }

  /** The blocks of the file in the attempt that is under way, or was the last. */
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
