/**
 * The root, opened once and for good, and the files and folders under it. A path is never
 * resolved by name alone: whatever was opened is checked afterwards, so a folder that is swapped
 * for a symbolic link meanwhile leads nowhere. See root-linux.ts for how.
 */
import type {BigIntStats} from 'node:fs';
import {closeSync, constants} from 'node:fs';
import type {RemotePath} from '../../../../protocol/remote-path.ts';

/** The root for another thread of this process. */
export type RootHandle = {
  /** The path at the time of opening; on Linux only for people. */
  path: string;
  /** On Linux a descriptor of the folder; -1 elsewhere. */
  descriptor: number;
};

export type OpenedFile = {descriptor: number; stats: BigIntStats};

export type OpenedFolder = {
  /** A path for reading the folder, and its children behind a `/`, without opening by name. */
  place: string;
  /** Its real path, one character a byte: for telling folders apart, not for opening. */
  realPath: string;
  /** The descriptor behind `place`; undefined if there is none. */
  descriptor: number | undefined;
};

/** All methods throw a JangadaError: `not_found`, `not_a_file`, `not_a_folder`, `forbidden`. */
export interface Root {
  readonly handle: RootHandle;
  /** State of the file or folder at `path`, links followed. */
  stat(path: RemotePath): BigIntStats;
  /** Whether the file or folder at `path` is in the root, links followed. */
  isInside(path: RemotePath): boolean;
  /** A file for reading; the caller closes the descriptor. */
  openFile(path: RemotePath): OpenedFile;
  /**
   * Do `work`, some short calls, with a path of the folder `path` in front of names in it. That folder is in the
   * root, and stays what it is whatever is moved meanwhile; links in it have yet to be refused. Undefined where the
   * system cannot hold a folder so.
   */
  inFolder<Result>(path: RemotePath, work: (place: string) => Result): Result | undefined;
  /** A folder for reading; the caller closes it with `closeFolder`. */
  openFolder(path: RemotePath): OpenedFolder;
  close(): void;
}

/** Let go of a folder that `openFolder` gave. */
export function closeFolder({descriptor}: OpenedFolder): void {
  if (descriptor !== undefined) {
    closeSync(descriptor);
  }
}

/** Flags with which a file is opened for reading. */
export const readFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
