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

/** Where to keep digests, if not in the folder for state: in another folder, or nowhere. */
export type DigestsOption =
  | {readonly kind: 'folder'; readonly folder: string}
  | {readonly kind: 'memory'};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param root the path of the served folder.
 * @throws JangadaError `usage` for a folder of digests inside the served folder, or one that other users own or can write;
 * `local_io` for one that cannot be made or used.
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
      // Machines that share the root may mount it at different paths, so paths are relative to the root.
      return new ThreadShelf({kind: 'folder', folder: option.folder}, '');
    case undefined:
      return stateShelf(stateFolder(environment), root);
  }
}

/** All roots share one database with one limit, so paths are absolute. */
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
    // The first call of the shelf will report the error.
    return false;
  }
}

function prepareFolder(folder: string, root: string): void {
  const name = displayName(folder);
  if (isWithin(realPath(root), realPath(folder))) {
    throw new JangadaError(
      'usage',
      `'${name}' is inside the served folder: --digests needs a folder outside of it`,
    );
  }

  const {mode, uid} = statsOf(folder);
  const own = process.getuid?.();
  if (own !== undefined && uid !== own && uid !== 0) {
    throw new JangadaError(
      'usage',
      `'${name}' belongs to another user, who could change the digests that clients receive: make a folder of your own`,
    );
  }

  if (own !== undefined && (mode & 0o022) !== 0) {
    throw new JangadaError(
      'usage',
      `Other users can write to '${name}' and change the digests that clients receive: run chmod go-w on it`,
    );
  }
}

/** The stats of the folder; makes it if it does not exist. */
function statsOf(folder: string): Stats {
  try {
    if (statSync(folder, {throwIfNoEntry: false}) === undefined) {
      mkdirSync(folder, {mode: 0o700});
    }

    // Fails if it is not a folder.
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

/** The path without links; only the folder of `path` has to exist. */
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
