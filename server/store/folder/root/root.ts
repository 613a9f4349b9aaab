/**
 * The root, which is opened once, and the files and folders under it. A path is never resolved by name only: the root
 * checks what it has opened, so a folder that is swapped for a symbolic link meanwhile does not lead out. See
 * root-linux.ts.
 */
import type {BigIntStats} from 'node:fs';
import {closeSync, constants} from 'node:fs';
import type {RemotePath} from '../../../../protocol/remote-path.ts';

/** The root for another thread of this process. */
export type RootHandle = {
  /** The path at the time of opening; on Linux only for messages. */
  path: string;
  /** On Linux a descriptor of the folder; -1 elsewhere. */
  descriptor: number;
};

export type OpenedFile = {descriptor: number; stats: BigIntStats};

export type OpenedFolder = {
  /** A path to read the folder, and with `/NAME` its children, without resolving the folder's name again. */
  place: string;
  /** Its real path, with one character for each byte: to compare folders, not to open them. */
  realPath: string;
  /** The descriptor of `place`; undefined if there is none. */
  descriptor: number | undefined;
};

/** All methods throw a JangadaError: `not_found`, `not_a_file`, `not_a_folder`, `forbidden`. */
export interface Root {
  readonly handle: RootHandle;
  /** The state of the file or folder at `path`; follows links. */
  stat(path: RemotePath): BigIntStats;
  /** Whether the file or folder at `path` is in the root; follows links. */
  isInside(path: RemotePath): boolean;
  /** A file for reading; the caller closes the descriptor. */
  openFile(path: RemotePath): OpenedFile;
  /**
   * Do `work`, some short calls, with a path of the folder `path` to which `work` appends names. The path leads to this
   * folder in the root, even if folders are moved meanwhile; `work` must refuse links in it. Undefined if the operating
   * system cannot pin a folder.
   */
  inFolder<Result>(path: RemotePath, work: (place: string) => Result): Result | undefined;
  /** A folder for reading; the caller closes it with `closeFolder`. */
  openFolder(path: RemotePath): OpenedFolder;
  close(): void;
}

/** Close a folder that `openFolder` gave. */
export function closeFolder({descriptor}: OpenedFolder): void {
  if (descriptor !== undefined) {
    closeSync(descriptor);
  }
}

/** Flags to open a file for reading. */
export const readFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
