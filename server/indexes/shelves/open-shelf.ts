/** The shelf of a server that serves a folder, from its options. */
import {
  accessSync,
  constants,
  mkdirSync,
  readdirSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import {basename, dirname, isAbsolute, join, relative, sep} from 'node:path';
import process from 'node:process';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError, systemErrorCode} from '../../../protocol/errors.ts';
import {makeOwnFolder} from '../../../protocol/program/make-own-folder.ts';
import {stateFolder} from '../../../protocol/program/user-folders.ts';
import {isRemoteDisk} from '../../remote-disk.ts';
import type {DigestShelf} from '../digest-shelf.ts';
import {ThreadShelf} from './thread-shelf.ts';

/** Where digests outlive the process, if not in the folder for state: in a folder of their own, or nowhere. */
export type DigestsOption =
  | {readonly kind: 'folder'; readonly folder: string}
  | {readonly kind: 'memory'};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param root the path of the folder that is served.
 * @throws JangadaError `usage` for a folder of digests that would be served, or that others can write or own; `local_io` for
 * one that cannot be made or used.
 */
export function openShelf(
  option: DigestsOption | undefined,
  root: string,
  environment: Environment,
): DigestShelf | undefined {
  switch (option?.kind) {
    case 'memory':
      return undefined;
    case 'folder':
      prepareFolder(option.folder, root);
      // Machines that have the root in common may have it at other paths: paths count from the root.
      return new ThreadShelf({kind: 'folder', folder: option.folder}, '');
    case undefined:
      return stateShelf(stateFolder(environment), root);
  }
}

/** All roots share one database, which is bounded as a whole; so paths count from the root of the file system. */
function stateShelf(state: string, root: string): DigestShelf {
  const base = `${realPath(root)}/`;
  return isElsewhere(state)
    ? new ThreadShelf({kind: 'folder', folder: join(state, 'digests')}, base)
    : new ThreadShelf({kind: 'database', file: join(state, 'digests.sqlite')}, base);
}

/** Whether the folder for state is on another machine's disk, where SQLite cannot lock. */
function isElsewhere(state: string): boolean {
  try {
    makeOwnFolder(state);
    return isRemoteDisk(state);
  } catch {
    // The first call of the shelf says what is wrong with it.
    return false;
  }
}

function prepareFolder(folder: string, root: string): void {
  const name = displayName(folder);
  if (isWithin(realPath(root), realPath(folder))) {
    throw new JangadaError(
      'usage',
      `'${name}' is in the folder that is served: --digests needs one outside of it`,
    );
  }

  const {mode, uid} = statsOf(folder);
  const own = process.getuid?.();
  if (own !== undefined && uid !== own && uid !== 0) {
    throw new JangadaError(
      'usage',
      `'${name}' belongs to another user, and clients would be told what that one writes: make a folder of your own`,
    );
  }

  if (own !== undefined && (mode & 0o022) !== 0) {
    throw new JangadaError(
      'usage',
      `Others can write to '${name}', and clients would be told what they write: chmod go-w it`,
    );
  }
}

/** The folder, which is made if it is not there. */
function statsOf(folder: string): Stats {
  try {
    if (statSync(folder, {throwIfNoEntry: false}) === undefined) {
      mkdirSync(folder, {mode: 0o700});
    }

    // Also fails for anything but a folder.
    readdirSync(folder);
    accessSync(folder, constants.W_OK);
    return statSync(folder);
  } catch (error) {
    const code = systemErrorCode(error) ?? 'unknown error';
    throw new JangadaError(
      'local_io',
      `The folder '${displayName(folder)}' of --digests cannot be used (${code})`,
      {cause: error},
    );
  }
}

/** The path without links, also of something that is not there but in a folder that is. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(realPath(above), basename(path));
  }
}

function isWithin(folder: string, path: string): boolean {
  const below = relative(folder, path);
  return below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below);
}
