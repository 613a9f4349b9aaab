import {realpathSync} from 'node:fs';
import {join, relative, sep} from 'node:path';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError, systemErrorCode} from '../../protocol/errors.ts';
import type {RemotePath} from '../../protocol/remote-path.ts';
import {FolderStore} from '../store/folder/folder-store.ts';

/** A folder below a root. */
export type FolderPlace = {
  /** The real path, which is the same for two names of one folder. */
  readonly path: string;
  /** The path below the root. */
  readonly below: string;
  /** Differs for another folder at the same path; empty in a bucket, where a folder is only a prefix of keys. */
  readonly identity: string;
};

/**
 * The place of `folder` in the folder at `root`.
 *
 * @throws JangadaError `not_found` if it does not exist, or a link leads out of the root; `forbidden` if the server may not
 * read it; `busy` for a fault of the disk, which may pass.
 */
export function placeInFolder(root: string, folder: RemotePath): FolderPlace {
  const named = `The folder '${displayName(folder)}' of this token`;
  try {
    const base = realpathSync(root);
    const path = realpathSync(join(root, folder));
    if (path.startsWith(base.endsWith(sep) ? base : `${base}${sep}`)) {
      const identity = FolderStore.identityAt(path);
      return {path, below: relative(base, path).replaceAll(sep, '/'), identity};
    }
  } catch (error) {
    throw placeError(error, named);
  }

  throw missing(named);
}

/** The client's form of `error`, which a system call on the folder of a token has caused. @param named the folder in words. */
export function placeError(error: unknown, named: string): JangadaError {
  switch (systemErrorCode(error instanceof JangadaError ? error.cause : error)) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ELOOP':
    case 'ENAMETOOLONG':
      return missing(named, error);
    case 'EACCES':
    case 'EPERM':
      return new JangadaError('forbidden', `${named} is one that the server may not read`, {
        cause: error,
      });
    default:
      return new JangadaError('busy', `${named} cannot be read now; try again later`, {
        cause: error,
      });
  }
}

function missing(named: string, cause?: unknown): JangadaError {
  return new JangadaError('not_found', `${named} does not exist`, {cause});
}
