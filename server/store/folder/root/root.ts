/**
 * The root, opened once and for good, and what can be opened under it. A path is never
 * resolved by name alone: what was opened is looked at afterwards, so a folder that is swapped
 * for a symbolic link meanwhile leads nowhere. See root-linux.ts for how.
 */
import type {BigIntStats} from 'node:fs';
import {constants} from 'node:fs';
import type {RemotePath} from '../../../../protocol/remote-path.ts';

/** What another thread of this process needs to work under the same root. */
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
  close(): void;
};

/** All methods throw a JangadaError: `not_found`, `not_a_file`, `not_a_folder`, `forbidden`. */
export interface Root {
  readonly handle: RootHandle;
  /** State of what `path` names, links followed. */
  stat(path: RemotePath): BigIntStats;
  /** A file for reading; the caller closes the descriptor. */
  openFile(path: RemotePath): OpenedFile;
  /** A folder for reading; the caller closes it. */
  openFolder(path: RemotePath): OpenedFolder;
  close(): void;
}

/** Flags with which a file is opened for reading. */
export const readFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
