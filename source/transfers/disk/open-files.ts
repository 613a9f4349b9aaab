/**
 * The files that downloads may have open at once: a budget, taken from the limit of the process when
 * it is first asked for. Small files take a place each before they are asked for, and give it
 * back when they are closed. Where the system has no descriptor left all the same (other programs use
 * them up, too), work waits for one.
 *
 *     limit of the process ─ open at the start ─ sockets, threads, database = spare
 *     spare = half for small files, a quarter for folders, the rest for large files
 */
import {isOutOfFiles} from '../../../protocol/errors.ts';
import {openFileCount, openFileLimit} from '../../../protocol/program/open-file-limit.ts';
import {pause} from '../../client/back-off.ts';

/** Descriptors for connections, threads and the database. */
const reserved = 64;

/** Few enough to be gone soon, many enough to work, however low the limit is. */
const fewest = 4;

/** More at once bring nothing. */
const mostSmallFiles = 4096;
const mostFolders = 256;

/** How soon work that found no descriptor tries again. */
export const againMs = 100;

/** And for how long, where nothing else gets one either. */
const patienceMs = 30_000;

export class OpenFiles {
  /** Folders that all downloads together should have open. */
  readonly folders: number;
  readonly #places: number;
  readonly #nowMs: () => number;
  readonly #waiting = new Set<() => void>();
  #taken = 0;
  /** When a descriptor was missing for the first time since one was had. */
  #missingSinceMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param spare descriptors for all downloads together.
   * @param nowMs a clock that goes on evenly.
   */
  constructor(spare: number, nowMs = () => performance.now()) {
    this.folders = share(spare / 4, mostFolders);
    this.#places = share(spare / 2, mostSmallFiles);
    this.#nowMs = nowMs;
  }

  /** Take a place for a small file. @returns whether there was one. */
  take(): boolean {
    const hasPlace = this.#taken < this.#places && this.#timer === undefined;
    this.#taken += hasPlace ? 1 : 0;
    return hasPlace;
  }

  /** Give a place back: its file is closed, or was never opened. */
  give(): void {
    this.#taken--;
    this.#wake();
  }

  /** Call `listener` once, when there may be a place. @returns a function that ends the wait. */
  whenFree(listener: () => void): () => void {
    this.#waiting.add(listener);
    return () => this.#waiting.delete(listener);
  }

  /** A descriptor was had: whatever waits for one is not stuck. */
  opened(): void {
    this.#missingSinceMs = undefined;
  }

  /**
   * Whether work that failed with `error` is to be tried again in a moment, because the system had no descriptor
   * left for it. Not for ever: after half a minute in which nothing here got one, it has failed.
   */
  mayRetry(error: unknown): boolean {
    if (!isOutOfFiles(error)) {
      return false;
    }

    const nowMs = this.#nowMs();
    this.#missingSinceMs ??= nowMs;
    // No place is given until then: files that are open have to be closed first.
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#wake();
    }, againMs);
    return nowMs - this.#missingSinceMs < patienceMs;
  }

  /** Resolves after a moment in which others may close a file. @throws JangadaError `aborted`. */
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

/** Without a limit, and without one descriptor to count those that are open, `part` is no number. */
function share(part: number, most: number): number {
  return Number.isNaN(part) ? fewest : Math.max(fewest, Math.min(most, Math.floor(part)));
}

/** The budget of this process. */
export const openFiles = new OpenFiles(openFileLimit() - openFileCount() - reserved);
