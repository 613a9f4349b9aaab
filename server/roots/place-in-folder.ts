import {realpathSync} from 'node:fs';
import {join, relative, sep} from 'node:path';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
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
 * @throws JangadaError `not_found` if it does not exist, or a link leads out of the root.
 */
export function placeInFolder(root: string, folder: RemotePath): FolderPlace {
  const noFolder = new JangadaError(
    'not_found',
    `The folder '${displayName(folder)}' of this token does not exist`,
  );
  try {
    const base = realpathSync(root);
    const path = realpathSync(join(root, folder));
    if (path.startsWith(base.endsWith(sep) ? base : `${base}${sep}`)) {
      const identity = FolderStore.identityAt(path);
      return {path, below: relative(base, path).replaceAll(sep, '/'), identity};
    }
  } catch {
    throw noFolder;
  }

  throw noFolder;
}
