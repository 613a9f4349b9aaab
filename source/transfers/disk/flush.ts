/**
 * Flushes files and folders to disk, on Node's own threads: to start one of ours takes longer than
 * a thousand flushes.
 */
import {closeSync, realpathSync, statfsSync} from 'node:fs';
import {setTimeout as delay} from 'node:timers/promises';
import {disk} from '../system/disk.ts';
import {cannotFlush} from '../system/flush-path.ts';
import {nameFlushed, newIn} from '../system/new-folders.ts';
import {localError} from '../terms/local-error.ts';
import {type FolderToFlush, foldersToFlush, onLinux, outside} from './folders/held-folder.ts';
import type {OpenFolder} from './folders/target-folder.ts';
import {againMs, openFiles} from './open-files.ts';

/**
 * Files that are given to Node's threads at once: enough that these need not be woken for each
 * file, and so few that other reads and writes do not wait long behind them.
 */
const flushesAtOnce = 32;

/** Kinds of file systems that are memory (tmpfs, ramfs): they have nothing to flush. */
const memoryKinds: readonly number[] = [0x01021994, 0x858458f6];

export class Flusher {
  readonly #toFlush: Array<{fd: number; done(error: Error | null): void}> = [];
  #flushing = 0;
  /** By device, whether it is memory. */
  readonly #isMemory = new Map<number, boolean>();

  /**
   * Flush open files of these devices. Where the disk is memory that takes no time, and a thread would cost
   * ten times as much as the call.
   *
   * @throws JangadaError `local_io`, `no_space`; the system's error.
   */
  async flushFiles(files: ReadonlyArray<{fd: number; dev: number}>): Promise<void> {
    const slow: number[] = [];
    for (const file of files) {
      if (this.#isInMemory(file)) {
        disk.fsyncSync(file.fd);
      } else {
        slow.push(file.fd);
      }
    }

    await this.flush(slow);
  }

  #isInMemory({fd, dev}: {fd: number; dev: number}): boolean {
    let isMemory = this.#isMemory.get(dev);
    if (isMemory === undefined) {
      isMemory = onLinux && memoryKinds.includes(statfsSync(`/proc/self/fd/${fd}`).type);
      this.#isMemory.set(dev, isMemory);
    }

    return isMemory;
  }

  /**
   * Flush open files. When this settles, none of them is used any more.
   *
   * @throws JangadaError `local_io`, `no_space`.
   */
  async flush(fds: readonly number[]): Promise<void> {
    if (fds.length === 0) {
      return;
    }

    const flushed = Promise.withResolvers<void>();
    let left = fds.length;
    let failure: Error | undefined;
    // One promise for all: there may be thousands of files.
    const done = (error: Error | null) => {
      if (error !== null && !cannotFlush(error)) {
        failure ??= error;
      }

      if (--left === 0) {
        flushed.resolve();
      }
    };
    for (const fd of fds) {
      this.#toFlush.push({fd, done});
    }

    this.#flushMore();
    await flushed.promise;
    if (failure !== undefined) {
      throw localError(failure, 'flushing');
    }
  }

  /**
   * Flush the names in folders, and those of the folders themselves that were just made.
   *
   * @throws JangadaError `local_io`.
   */
  async flushFolders(folders: Iterable<OpenFolder>): Promise<void> {
    const all = new Map<string, FolderToFlush>();
    for (const folder of folders) {
      for (const one of folder.toFlush()) {
        all.set(one.realPath, one);
      }
    }

    await this.#flushNames([...all.values()]);
  }

  /**
   * The same for the folder at `path`.
   *
   * @throws JangadaError `local_io`.
   */
  async flushPath(path: string): Promise<void> {
    await this.#flushNames(foldersToFlush(outside(realpathSync(path))));
  }

  /** As many at once as may be open, and find a descriptor. */
  async #flushNames(folders: readonly FolderToFlush[]): Promise<void> {
    // Those that are made while this flushes may come too late for it.
    const made = folders.flatMap(({realPath}) => newIn(realPath));
    const left = [...folders];
    while (left.length > 0) {
      const fds: number[] = [];
      try {
        openSome(left, fds);
        await this.flush(fds);
      } finally {
        for (const fd of fds) {
          closeSync(fd);
        }
      }

      if (fds.length === 0 && left.length > 0) {
        await delay(againMs);
      }
    }

    nameFlushed(made);
  }

  #flushMore(): void {
    while (this.#flushing < flushesAtOnce) {
      const job = this.#toFlush.shift();
      if (job === undefined) {
        return;
      }

      this.#flushing++;
      disk.fsync(job.fd, error => {
        this.#flushing--;
        this.#flushMore();
        job.done(error);
      });
    }
  }
}

/** Take folders from the end of `left` and open them: all, or as many as may be open, or as find a descriptor. */
function openSome(left: FolderToFlush[], fds: number[]): void {
  for (let folder = left.at(-1); folder !== undefined; folder = left.at(-1)) {
    // What the system has beyond them is for sockets and files.
    if (fds.length >= openFiles.folders) {
      return;
    }

    try {
      const fd = folder.open();
      if (fd !== undefined) {
        fds.push(fd);
        openFiles.opened();
      }
    } catch (error) {
      if (openFiles.mayRetry(error)) {
        return;
      }

      throw error;
    }

    left.pop();
  }
}

/** The one of this process, for all that it writes. */
export const flusher = new Flusher();
