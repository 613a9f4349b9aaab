import {realpathSync} from 'node:fs';
import {join, relative, sep} from 'node:path';
import {displayName} from '../../protocol/display-text.ts';
import {JangadaError} from '../../protocol/errors.ts';
import type {RemotePath} from '../../protocol/remote-path.ts';

/** A folder below a root: its real path, which is the same for two names of one folder, and its path below the root. */
export type FolderPlace = {readonly path: string; readonly below: string};

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
      return {path, below: relative(base, path).replaceAll(sep, '/')};
    }
  } catch {
    throw noFolder;
  }

  throw noFolder;
}
