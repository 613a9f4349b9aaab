/** A folder that is kept open, and the system calls for it and for names in it. */
import {constants, fstatSync, lstatSync, openSync, statfsSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {disk} from '../../system/disk.ts';
import {openToFlush} from '../../system/flush-path.ts';
import {isNew, noteNew} from '../../system/new-folders.ts';
import {isSystemError} from '../../terms/local-error.ts';

/** Only on Linux can a path begin at a descriptor. */
export const onLinux = process.platform === 'linux';
// Not among Node's constants: opens a descriptor that only marks a path.
const O_PATH = 0o10000000;

/** `users` includes the users of the folders below. */
export type Held = {
  path: string;
  /** The path without links. */
  realPath: string;
  fd: number | undefined;
  users: number;
  parent: Held | undefined;
  /** Whether this process made the folder, and has used it without a break since then. */
  isMade: boolean;
};

/** Whether `path` leads to the folder that is open as `fd`; true on systems without folder descriptors. */
export function isSame(fd: number | undefined, path: string): boolean {
  if (fd === undefined) {
    return true;
  }

  const ours = fstatSync(fd);
  const there = statSync(path, {throwIfNoEntry: false});
  return there?.ino === ours.ino && there.dev === ours.dev;
}

/** Count users of a folder, and so of all folders above it. */
export function use(held: Held, by: 1 | -1): void {
  for (let folder: Held | undefined = held; folder !== undefined; folder = folder.parent) {
    folder.users += by;
  }
}

/** A user of a folder has left it. Once a folder has no users, other programs may put files into it unnoticed. */
export function letGo(held: Held): void {
  use(held, -1);
  for (let folder: Held | undefined = held; folder !== undefined; folder = folder.parent) {
    folder.isMade &&= folder.users > 0;
  }
}

/** The path by which system calls reach `name` in `parent`. */
export function childPath(parent: Held, name: string): string {
  return parent.fd === undefined ? join(parent.path, name) : `/proc/self/fd/${parent.fd}/${name}`;
}

/** A descriptor that marks the folder at `path`; undefined on systems without folder descriptors. */
export function openFolder(path: string): number | undefined {
  return onLinux
    ? openSync(path, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    : undefined;
}

/** Make the folder `name` in `parent`. @returns false if it exists. @throws the system's error. */
export function makeFolder(parent: Held, name: string): boolean {
  try {
    disk.mkdirSync(childPath(parent, name));
    noteNew(join(parent.realPath, name));
    return true;
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) {
      throw error;
    }

    return false;
  }
}

/** Whether anything exists at `path`. A link is not followed. */
export function exists(path: string): boolean {
  return lstatSync(path, {throwIfNoEntry: false}) !== undefined;
}

/** The device and the free bytes of its disk; undefined if the system does not report them. */
export function diskOf(held: Held): {device: number; freeBytes: number} | undefined {
  try {
    const {bavail, bsize} = statfsSync(childPath(held, '.'));
    return {device: statSync(childPath(held, '.')).dev, freeBytes: bavail * bsize};
  } catch {
    return undefined;
  }
}

/** A folder to flush: its path without links, and a function that opens it for the flush. */
export type FolderToFlush = {realPath: string; open(): number | undefined};

/**
 * The folders to flush so that a new name in `held` survives a power loss: `held`, and the folders above it that this
 * process has just made.
 */
export function foldersToFlush(held: Held): FolderToFlush[] {
  const all = [toFlush(held)];
  let at: Held | undefined = held;
  for (let {realPath} = held; isNew(realPath); realPath = dirname(realPath)) {
    at = at?.parent;
    // Folders above the target folder are known only by path.
    all.push(toFlush(at ?? outside(dirname(realPath))));
  }

  return all;
}

/** A folder at a path without links, for calls that need no descriptor. */
export function outside(path: string): Held {
  return {path, realPath: path, fd: undefined, users: 0, parent: undefined, isMade: false};
}

function toFlush({path, realPath, fd}: Held): FolderToFlush {
  return {
    realPath,
    open: () => openToFlush(fd === undefined ? path : `/proc/self/fd/${fd}/.`, path),
  };
}
