/**
 * Flushes files and folders to disk, on Node's own threads: starting a thread of our own takes longer than a thousand
 * flushes.
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
 * Number of files given to Node's threads at once: enough that a thread need not be woken for each file, and few enough
 * that other reads and writes need not wait long.
 */
const flushesAtOnce = 32;

/** Types of file systems in memory (tmpfs, ramfs), which have nothing to flush. */
const memoryKinds: readonly number[] = [0x01021994, 0x858458f6];

export class Flusher {
  readonly #toFlush: Array<{fd: number; done(error: Error | null): void}> = [];
  #flushing = 0;
  /** For each device, whether it is a file system in memory. */
  readonly #isMemory = new Map<number, boolean>();

  /**
   * Flush open files of these devices. For a file system in memory the call takes no time, and a thread would cost ten
   * times as much as the call.
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
   * Flush open files. When this settles, no call uses any of them.
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
    // One promise for all files, because there may be thousands.
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
   * Flush the names in folders. For folders that were just made, flush their own names too.
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

  /** Flush in portions: as many folders as may be open, and as get a descriptor. */
  async #flushNames(folders: readonly FolderToFlush[]): Promise<void> {
    // Remember them first: a folder that is made during the flush may not be covered by it.
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

/** Take folders from the end of `left` and open them: all, or as many as may be open, or as get a descriptor. */
function openSome(left: FolderToFlush[], fds: number[]): void {
  for (let folder = left.at(-1); folder !== undefined; folder = left.at(-1)) {
    // The other descriptors are for sockets and files.
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

/** The flusher of this process, for all files that it writes. */
export const flusher = new Flusher();
