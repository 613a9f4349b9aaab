/**
 * A partial: `NAME.jangada-part` next to the final name. Only checked blocks are written to it,
 * and it gets its final name only as a whole: flushed, with its times, without overwriting
 * anything that it was not told to.
 */
import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsync,
  ftruncateSync,
  futimesSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  type Stats,
  unlinkSync,
  write,
  writeSync,
} from 'node:fs';
import {join} from 'node:path';
import {JangadaError} from '../../../protocol/errors.ts';
import {isSystemError, localError} from '../terms/local-error.ts';
import {partialName} from './local-name.ts';
import type {OpenFolder} from './target-folder.ts';

/** What has a name now: nothing, a plain file, or something that must not be touched. */
export type Found = {kind: 'nothing'} | {kind: 'file'; stats: Stats} | {kind: 'other'};

/** Look at `name` without following a link. */
export function lookAt(folder: OpenFolder, name: string): Found {
  try {
    const stats = lstatSync(folder.at(name), {throwIfNoEntry: false});
    return stats === undefined
      ? {kind: 'nothing'}
      : stats.isFile()
        ? {kind: 'file', stats}
        : {kind: 'other'};
  } catch (error) {
    throw localError(error, join(folder.path, name));
  }
}

/** A plain file for reading; neither a link nor a FIFO is opened. */
export function openForReading(folder: OpenFolder, name: string): number {
  try {
    const fd = openSync(
      folder.at(name),
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    if (!fstatSync(fd).isFile()) {
      closeSync(fd);
      throw notAFile(join(folder.path, name));
    }

    return fd;
  } catch (error) {
    throw localError(error, join(folder.path, name));
  }
}

const createFlags =
  constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/** Files that this process writes to, by device and inode: never two writers in one. */
const inUse = new Set<string>();

/** Whether this process writes to the file with these `stats`. */
export function isInUse(stats: Stats): boolean {
  return inUse.has(identityOf(stats));
}

/** What `createWholePartial` has made and nobody has closed yet, by descriptor. */
const wholePartials = new Map<number, string>();

export class PartialFile {
  readonly fd: number;
  /** Bytes that were there when it was opened. */
  readonly initialSize: number;
  readonly #folder: OpenFolder;
  readonly #name: string;
  readonly #identity: string;
  readonly #initialMtimeMs: number;
  #open = true;

  /**
   * Open the partial of `name` in `folder`, or make an empty one.
   *
   * @throws JangadaError `unsafe_target` if a link, a FIFO or a folder is in its place; `local_io`,
   * `no_space`.
   */
  constructor(folder: OpenFolder, name: string) {
    this.#folder = folder;
    this.#name = name;
    try {
      this.fd = openPartial(folder, partialName(name));
      const stats = fstatSync(this.fd);
      this.initialSize = stats.size;
      this.#initialMtimeMs = stats.mtimeMs;
      this.#identity = identityOf(stats);
      if (inUse.has(this.#identity)) {
        closeSync(this.fd);
        throw new JangadaError('locked', `${this.path} is being written by another transfer`);
      }

      inUse.add(this.#identity);
    } catch (error) {
      throw localError(error, this.path);
    }
  }

  /** Whether this is, as it was opened, the file with these `stats`. */
  isStill(stats: Stats): boolean {
    return (
      this.#identity === identityOf(stats) &&
      this.initialSize === stats.size &&
      this.#initialMtimeMs === stats.mtimeMs
    );
  }

  /** Whether it has neither been closed nor got its final name. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** What the file system says of it now: differs as soon as anything has been done to it. */
  get state(): string {
    const {size, mtimeNs, ctimeNs, ino} = fstatSync(this.fd, {bigint: true});
    return [size, mtimeNs, ctimeNs, ino].join(':');
  }

  /** Absolute path, for people. */
  get path(): string {
    return join(this.#folder.path, partialName(this.#name));
  }

  /** Write `length` bytes from the front of `buffer` at `offset`. */
  write(buffer: Uint8Array, length: number, offset: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = (done: number) => {
        write(this.fd, buffer, done, length - done, offset + done, (error, written) => {
          if (error !== null) {
            reject(localError(error, this.path));
          } else if (done + written < length) {
            step(done + written);
          } else {
            resolve();
          }
        });
      };
      step(0);
    });
  }

  /** Cut off, or fill with a hole up to, `size` bytes. */
  truncate(size: number): void {
    try {
      ftruncateSync(this.fd, size);
    } catch (error) {
      throw localError(error, this.path);
    }
  }

  /** Flush the data, not the times. */
  flushData(): Promise<void> {
    return new Promise((resolve, reject) => {
      fdatasync(this.fd, error =>
        error === null ? resolve() : reject(localError(error, this.path)),
      );
    });
  }

  /** Flush everything and set the modification time, before `rename`. */
  flush(mtimeMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      try {
        setTime(this.fd, mtimeMs);
      } catch (error) {
        reject(localError(error, this.path));
        return;
      }

      fsync(this.fd, error => (error === null ? resolve() : reject(localError(error, this.path))));
    });
  }

  /**
   * Give the file its final name and close it.
   *
   * @throws JangadaError `exists` if something has that name by now and may not be replaced.
   */
  rename(options: {overwrite: boolean}): void {
    try {
      this.#checkStillOurs();
      giveFinalName(this.#folder, this.#name, options);
    } finally {
      this.close();
    }
  }

  close(): void {
    if (this.#open) {
      this.#open = false;
      inUse.delete(this.#identity);
      closeSync(this.fd);
    }
  }

  /** What was written and checked has to be what gets the name. */
  #checkStillOurs(): void {
    const ours = fstatSync(this.fd);
    const there = lstatSync(this.#folder.at(partialName(this.#name)), {throwIfNoEntry: false});
    if (ours.ino !== there?.ino || ours.dev !== there.dev) {
      throw new JangadaError('unsafe_target', `${this.path} was replaced while it was written`);
    }
  }
}

/**
 * Make a partial that has all its bytes at once.
 *
 * @returns its descriptor, or undefined if something has the partial's name already.
 */
export function createWholePartial(
  folder: OpenFolder,
  name: string,
  bytes: Uint8Array,
): number | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(folder.at(partialName(name)), createFlags, 0o666);
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(fd, bytes, done, bytes.length - done, done);
    }

    const identity = identityOf(fstatSync(fd));
    inUse.add(identity);
    wholePartials.set(fd, identity);
    return fd;
  } catch (error) {
    if (fd !== undefined) {
      closeSync(fd);
    }

    if (fd === undefined && isSystemError(error, 'EEXIST')) {
      return undefined;
    }

    throw localError(error, join(folder.path, partialName(name)));
  }
}

/** No date is further away; what a server says beyond it, no file system takes. */
const furthestMs = 8.64e15;

/** Set the modification time of an open file, in milliseconds since 1970. */
export function setTime(fd: number, mtimeMs: number): void {
  const known = Math.max(-furthestMs, Math.min(furthestMs, mtimeMs));
  futimesSync(fd, Date.now() / 1000, known / 1000);
}

/** Close what `createWholePartial` gave: after it has its final name, or will get none. */
export function closeWholePartial(fd: number): void {
  inUse.delete(wholePartials.get(fd) ?? '');
  wholePartials.delete(fd);
  closeSync(fd);
}

function identityOf({dev, ino}: Stats): string {
  return `${dev}:${ino}`;
}

/**
 * Give the partial of `name` its final name.
 *
 * @throws JangadaError `exists` if something has that name by now and may not be replaced.
 */
export function giveFinalName(
  folder: OpenFolder,
  name: string,
  options: {overwrite: boolean},
): void {
  const from = folder.at(partialName(name));
  const to = folder.at(name);
  try {
    if (options.overwrite) {
      renameSync(from, to);
    } else {
      renameWithoutOverwriting(from, to);
    }
  } catch (error) {
    throw localError(error, join(folder.path, name));
  }
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

    // It has a second name: writing here would change that file too.
    unlinkSync(path);
  }

  return openSync(path, createFlags, 0o666);
}

/** What `link` says where there are none. EISDIR is what Windows says of FAT and exFAT, EACCES Android. */
export const noHardLinks = ['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EISDIR', 'EACCES'];

function renameWithoutOverwriting(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (!isSystemError(error, ...noHardLinks)) {
      throw error;
    }

    // A file system without hard links: look, then rename, is the best there is.
    if (lstatSync(to, {throwIfNoEntry: false}) !== undefined) {
      throw Object.assign(new Error('EEXIST'), {code: 'EEXIST'});
    }

    renameSync(from, to);
    return;
  }

  unlinkSync(from);
}

/** Make the finished file `name` the partial of itself, so that it can be repaired. */
export function demoteToPartial(folder: OpenFolder, name: string): void {
  try {
    renameSync(folder.at(name), folder.at(partialName(name)));
  } catch (error) {
    throw localError(error, join(folder.path, name));
  }
}

/** Remove the partial of `name`, if there is one. */
export function deletePartial(folder: OpenFolder, name: string): void {
  try {
    unlinkSync(folder.at(partialName(name)));
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) {
      throw localError(error, join(folder.path, partialName(name)));
    }
  }
}

function notAFile(path: string): JangadaError {
  return new JangadaError(
    'unsafe_target',
    `${path} is not a plain file: remove it, or save somewhere else`,
  );
}
