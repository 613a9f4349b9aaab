/** A folder that is held open, and the system calls that reach it and the names in it. */
import {constants, fstatSync, lstatSync, openSync, statfsSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {disk} from '../../system/disk.ts';
import {openToFlush} from '../../system/flush-path.ts';
import {isNew, noteNew} from '../../system/new-folders.ts';
import {isSystemError} from '../../terms/local-error.ts';

/** Only there a path can begin at a descriptor. */
export const onLinux = process.platform === 'linux';
// Not among Node's constants: a descriptor that only marks a place.
const O_PATH = 0o10000000;

/** `users` counts those of the folders below it, too. */
export type Held = {
  path: string;
  /** The same without links. */
  realPath: string;
  fd: number | undefined;
  users: number;
  parent: Held | undefined;
  /** Whether this process made it, and somebody here has used it since. */
  isMade: boolean;
};

/** Whether `path` names the folder that is open as `fd`; true where folders have no descriptors. */
export function isSame(fd: number | undefined, path: string): boolean {
  if (fd === undefined) {
    return true;
  }

  const ours = fstatSync(fd);
  const there = statSync(path, {throwIfNoEntry: false});
  return there?.ino === ours.ino && there.dev === ours.dev;
}

/** Count users of a folder, and so of all above it. */
export function use(held: Held, by: 1 | -1): void {
  for (let folder: Held | undefined = held; folder !== undefined; folder = folder.parent) {
    folder.users += by;
  }
}

/** A user of a folder has left it. Of one without any, nobody knows what comes into it until the next one. */
export function letGo(held: Held): void {
  use(held, -1);
  for (let folder: Held | undefined = held; folder !== undefined; folder = folder.parent) {
    folder.isMade &&= folder.users > 0;
  }
}

/** The path by which system calls reach `name` in it. */
export function childPath(parent: Held, name: string): string {
  return parent.fd === undefined ? join(parent.path, name) : `/proc/self/fd/${parent.fd}/${name}`;
}

/** A descriptor that marks the folder at `path`; undefined where there are none. */
export function openFolder(path: string): number | undefined {
  return onLinux
    ? openSync(path, O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    : undefined;
}

/** Make the folder `name` in `parent`. @returns false if there is one. @throws the system's error. */
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

/** Whether anything has that path; a link is not followed. */
export function exists(path: string): boolean {
  return lstatSync(path, {throwIfNoEntry: false}) !== undefined;
}

/** Device and free bytes of its disk; undefined where the system does not tell. */
export function diskOf(held: Held): {device: number; freeBytes: number} | undefined {
  try {
    const {bavail, bsize} = statfsSync(childPath(held, '.'));
    return {device: statSync(childPath(held, '.')).dev, freeBytes: bavail * bsize};
  } catch {
    return undefined;
  }
}

/** A folder to flush: how to open it for that, and its path without links. */
export type FolderToFlush = {realPath: string; open(): number | undefined};

/**
 * The folders to flush so that a new name in `held` is still found after a loss of power: `held`, and
 * those above it, as far as this process has just made them.
 */
export function foldersToFlush(held: Held): FolderToFlush[] {
  const all = [toFlush(held)];
  let at: Held | undefined = held;
  for (let {realPath} = held; isNew(realPath); realPath = dirname(realPath)) {
    at = at?.parent;
    // Above the target folder there are paths alone.
    all.push(toFlush(at ?? outside(dirname(realPath))));
  }

  return all;
}

/** A folder at a path without links, for calls that need no descriptor of it. */
export function outside(path: string): Held {
  return {path, realPath: path, fd: undefined, users: 0, parent: undefined, isMade: false};
}

function toFlush({path, realPath, fd}: Held): FolderToFlush {
  return {
    realPath,
    open: () => openToFlush(fd === undefined ? path : `/proc/self/fd/${fd}/.`, path),
  };
}
