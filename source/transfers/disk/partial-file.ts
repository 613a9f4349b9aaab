/**
 * A partial: `NAME.jangada-part` next to the final name. Only verified blocks are written to it. It gets its final name
 * only when it is complete and flushed and has its times, and it overwrites only files that it may overwrite.
 */
import {closeSync, constants, fstatSync, lstatSync, openSync, type Stats} from 'node:fs';
import {join} from 'node:path';
import {JangadaError} from '../../../protocol/errors.ts';
import {disk} from '../system/disk.ts';
import {stateOf} from '../terms/file-state.ts';
import {isSystemError, localError} from '../terms/local-error.ts';
import {type OtherTime, setTime} from './file-time.ts';
import {giveFinalName} from './final-name.ts';
import type {OpenFolder} from './folders/target-folder.ts';
import {identityOf, isInUse, markInUse} from './in-use.ts';
import {partialName} from './local-name.ts';
import {lookAt, notAFile} from './look-at.ts';
import {openFiles} from './open-files.ts';

/** A new file must not exist before, not even as a link. */
export const createFlags =
  constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

export class PartialFile {
  readonly fd: number;
  /** Size in bytes when it was opened. */
  readonly initialSize: number;
  /** Whether it was empty when it was opened, and without preallocated space. */
  readonly isNew: boolean;
  readonly #folder: OpenFolder;
  readonly #name: string;
  readonly #identity: string;
  readonly #initialMtimeMs: number;
  readonly #letGo: () => void;
  /** Its size and time when its time was set, after all blocks were written. */
  #sealed: {size: bigint; mtimeNs: bigint} | undefined;
  #open = true;
  /** Size of the file after all finished writes. */
  #size: number;
  /** The end of everything that was to be written or left as a hole. */
  #end: number;
  /** The lowest offset of the writes that no successful flush covers. */
  #unflushedFrom = Number.POSITIVE_INFINITY;
  #flushFailed = false;

  /**
   * Open the partial of `name` in `folder`, or create an empty one.
   *
   * @throws JangadaError `unsafe_target` if a link, a FIFO or a folder has its name; `local_io`, `no_space`.
   */
  constructor(folder: OpenFolder, name: string) {
    this.#folder = folder;
    this.#name = name;
    try {
      this.fd = openPartial(folder, partialName(name));
      openFiles.opened();
      const stats = fstatSync(this.fd);
      this.initialSize = stats.size;
      this.isNew = stats.size === 0 && stats.blocks === 0;
      this.#size = stats.size;
      this.#end = stats.size;
      this.#initialMtimeMs = stats.mtimeMs;
      this.#identity = identityOf(stats);
      if (isInUse(stats)) {
        closeSync(this.fd);
        throw new JangadaError('locked', `${this.path} is being written by another transfer`);
      }

      this.#letGo = markInUse(stats);
    } catch (error) {
      throw localError(error, this.path);
    }
  }

  /** Whether the file with these `stats` is this one, unchanged since it was opened. */
  isStill(stats: Stats): boolean {
    return (
      this.#identity === identityOf(stats) &&
      this.initialSize === stats.size &&
      this.#initialMtimeMs === stats.mtimeMs
    );
  }

  /** Whether it has neither been closed nor renamed to its final name. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** Current size, times and inode. Changes with every change of the file. */
  get state(): string {
    return stateOf(fstatSync(this.fd, {bigint: true}));
  }

  /** Bytes that it occupies on the disk; holes occupy none. */
  get allocatedBytes(): number {
    return fstatSync(this.fd).blocks * 512;
  }

  /** Absolute path, to be shown to the user. */
  get path(): string {
    return join(this.#folder.path, partialName(this.#name));
  }

  /** Write `length` bytes from the front of `buffer` at `offset`. */
  write(buffer: Uint8Array, length: number, offset: number): Promise<void> {
    this.#end = Math.max(this.#end, offset + length);
    this.#unflushedFrom = Math.min(this.#unflushedFrom, offset);
    return new Promise((resolve, reject) => {
      const step = (done: number) => {
        disk.write(this.fd, buffer, done, length - done, offset + done, (error, written) => {
          if (error !== null) {
            reject(localError(error, this.path));
          } else if (done + written < length) {
            step(done + written);
          } else {
            this.#size = Math.max(this.#size, offset + length);
            // A flush that began before the end of this write does not cover it.
            this.#unflushedFrom = Math.min(this.#unflushedFrom, offset);
            resolve();
          }
        });
      };
      step(0);
    });
  }

  /** Whether the file ended before `offset` when it was opened: bytes that are not written there are zeros. */
  isHoleFrom(offset: number): boolean {
    return offset >= this.initialSize;
  }

  /**
   * Make the `length` bytes at `offset` zeros that occupy no disk space. Requires `isHoleFrom(offset)`.
   *
   * @throws JangadaError `no_space`, `local_io`.
   */
  leaveHole(length: number, offset: number): void {
    this.#end = Math.max(this.#end, offset + length);
    if (this.#end > this.#size) {
      // At once, for programs that read the finished part. Never below the end of a running write, which would be cut.
      this.truncate(this.#end);
      this.#size = this.#end;
    }
  }

  /** Cut the file to `size` bytes, or extend it with a hole. */
  truncate(size: number): void {
    try {
      disk.ftruncateSync(this.fd, size);
    } catch (error) {
      throw localError(error, this.path);
    }
  }

  /** Flush the data, not the times. */
  flushData(): Promise<void> {
    return this.#flushed(done => disk.fdatasync(this.fd, done));
  }

  /**
   * Set the modification time, in milliseconds since 1970.
   *
   * @returns the time that the file has instead, if this one cannot be set.
   * @throws JangadaError `local_io`.
   */
  setTime(mtimeMs: number): OtherTime | undefined {
    try {
      const other = setTime(this.fd, mtimeMs);
      this.#sealed = fstatSync(this.fd, {bigint: true});
      return other;
    } catch (error) {
      throw localError(error, this.path);
    }
  }

  /** Flush data and times, before `rename`. */
  flush(): Promise<void> {
    return this.#flushed(done => disk.fsync(this.fd, done));
  }

  #flushed(call: (done: (error: NodeJS.ErrnoException | null) => void) => void): Promise<void> {
    const from = this.#unflushedFrom;
    this.#unflushedFrom = Number.POSITIVE_INFINITY;
    return new Promise((resolve, reject) => {
      call(error => {
        if (error === null) {
          resolve();
        } else {
          this.#flushFailed = true;
          this.#unflushedFrom = Math.min(this.#unflushedFrom, from);
          reject(localError(error, this.path));
        }
      });
    });
  }

  /** Whether a flush has failed. */
  get flushFailed(): boolean {
    return this.#flushFailed;
  }

  /**
   * After a failed flush, cut off everything from the first byte that may not be on the disk. The system reports such an
   * error once; after that it may show the lost bytes from its memory, and another flush succeeds without them.
   */
  cutUnflushed(): void {
    if (this.#open && this.#flushFailed && this.#unflushedFrom < this.#size) {
      this.truncate(this.#unflushedFrom);
      this.#size = this.#unflushedFrom;
    }
  }

  /** Whether it has no bytes. */
  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /**
   * Give the file its final name and close it.
   *
   * @returns its state after that; undefined if it was changed since `setTime`.
   * @throws JangadaError `exists` if something has that name by now and must not be replaced.
   */
  rename(options: {overwrite: boolean}): string | undefined {
    try {
      this.#checkStillOurs();
      giveFinalName(this.#folder, this.#name, options);
      const named = fstatSync(this.fd, {bigint: true});
      const isSealed = named.size === this.#sealed?.size && named.mtimeNs === this.#sealed.mtimeNs;
      return isSealed ? stateOf(named) : undefined;
    } finally {
      this.close();
    }
  }

  /** Remove the partial, unless another file has its name, and close it. @throws JangadaError `local_io`. */
  discard(): void {
    try {
      const place = this.#folder.at(partialName(this.#name));
      if (this.#open && this.#isAt(place)) {
        disk.unlinkSync(place);
      }
    } catch (error) {
      throw localError(error, this.path);
    } finally {
      this.close();
    }
  }

  close(): void {
    if (this.#open) {
      this.#open = false;
      this.#letGo();
      closeSync(this.fd);
    }
  }

  /** Only the file that was written and verified may get the final name. */
  #checkStillOurs(): void {
    if (!this.#isAt(this.#folder.at(partialName(this.#name)))) {
      throw partialReplaced(this.#folder, this.#name);
    }
  }

  #isAt(place: string): boolean {
    const ours = fstatSync(this.fd);
    const there = lstatSync(place, {throwIfNoEntry: false});
    return ours.ino === there?.ino && ours.dev === there.dev;
  }
}

/** The error if the partial of `name` was removed or replaced. */
export function partialReplaced(folder: OpenFolder, name: string): JangadaError {
  const path = join(folder.path, partialName(name));
  return new JangadaError('unsafe_target', `${path} was replaced while it was written`);
}

function openPartial(folder: OpenFolder, name: string): number {
  const path = folder.at(name);
  const found = lookAt(folder, name);
  if (found.kind === 'other') {
    throw notAFile(join(folder.path, name));
  }

  if (found.kind === 'file') {
    if (found.stats.nlink === 1) {
      return openSync(path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
    }

    // The file has a second name, under which a write would change it too.
    disk.unlinkSync(path);
  }

  return openSync(path, createFlags, 0o666);
}

/** Remove the partial of `name`, if there is one. */
export function deletePartial(folder: OpenFolder, name: string): void {
  try {
    disk.unlinkSync(folder.at(partialName(name)));
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) {
      throw localError(error, join(folder.path, partialName(name)));
    }
  }
}
