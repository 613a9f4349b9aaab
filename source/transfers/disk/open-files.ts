/**
 * A budget for the files that downloads may have open at once. It is computed from the limit of the process. A small
 * file takes a place before it is requested, and gives it back when it is closed. If the system still has no descriptor
 * left (other programs use them too), work waits for one.
 *
 *     limit of the process ─ open at the start ─ sockets, threads, database = spare
 *     spare = half for small files, a quarter for folders, the rest for large files
 */
import {isOutOfFiles} from '../../../protocol/errors.ts';
import {openFileCount, openFileLimit} from '../../../protocol/program/open-file-limit.ts';
import {pause} from '../../client/back-off.ts';

/** Descriptors reserved for connections, threads and the database. */
const reserved = 64;

/** The minimum, however low the limit is: enough to work. */
const fewest = 4;

/** More at once bring no further speed. */
const mostSmallFiles = 4096;
const mostFolders = 256;

/** How soon work that got no descriptor tries again, in milliseconds. */
export const againMs = 100;

/** How long it tries again while nothing else gets a descriptor either. */
const patienceMs = 30_000;

export class OpenFiles {
  /** Number of folders that all downloads together should have open. */
  readonly folders: number;
  readonly #places: number;
  readonly #nowMs: () => number;
  readonly #waiting = new Set<() => void>();
  #taken = 0;
  /** When a descriptor was first missing since the last successful open. */
  #missingSinceMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param spare descriptors for all downloads together.
   * @param nowMs a monotonic clock.
   */
  constructor(spare: number, nowMs = () => performance.now()) {
    this.folders = share(spare / 4, mostFolders);
    this.#places = share(spare / 2, mostSmallFiles);
    this.#nowMs = nowMs;
  }

  /** Take a place for a small file. @returns whether one was free. */
  take(): boolean {
    const hasPlace = this.#taken < this.#places && this.#timer === undefined;
    this.#taken += hasPlace ? 1 : 0;
    return hasPlace;
  }

  /** Give a place back: its file was closed, or never opened. */
  give(): void {
    this.#taken--;
    this.#wake();
  }

  /** Call `listener` once, when a place may be free. @returns a function that ends the wait. */
  whenFree(listener: () => void): () => void {
    this.#waiting.add(listener);
    return () => this.#waiting.delete(listener);
  }

  /** A file was opened, so work that waits for a descriptor is not stuck. */
  opened(): void {
    this.#missingSinceMs = undefined;
  }

  /**
   * Whether work that failed with `error` should be tried again in a moment, because the system had no descriptor left.
   * After half a minute in which nothing here got one, the work has failed.
   */
  mayRetry(error: unknown): boolean {
    if (!isOutOfFiles(error)) {
      return false;
    }

    const nowMs = this.#nowMs();
    this.#missingSinceMs ??= nowMs;
    // No place is given out until then: open files must be closed first.
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#wake();
    }, againMs);
    return nowMs - this.#missingSinceMs < patienceMs;
  }

  /** Resolves after a moment in which other work may close a file. @throws JangadaError `aborted`. */
  async moment(signal?: AbortSignal): Promise<void> {
    await pause(againMs, signal);
  }

  #wake(): void {
    if (this.#timer !== undefined) {
      return;
    }

    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const listener of waiting) {
      listener();
    }
  }
}

/** If the limit or the number of open descriptors is unknown, `part` is NaN. */
function share(part: number, most: number): number {
  return Number.isNaN(part) ? fewest : Math.max(fewest, Math.min(most, Math.floor(part)));
}

/** The budget of this process. */
export const openFiles = new OpenFiles(openFileLimit() - openFileCount() - reserved);
