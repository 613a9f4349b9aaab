import {stat} from 'node:fs/promises';
import path from 'node:path';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import {baseName, type RemotePath} from '../../../protocol/remote-path.ts';
import {localName} from '../../transfers/disk/local-name.ts';

/** A named file and its local copy: the folder of the copy and its path below that. */
export type LocalCopy = {
  name: string;
  remotePath: RemotePath;
  localPath: string;
  file: string;
  /** Bytes; undefined if it is not a regular file. */
  size: number | undefined;
};

/**
 * The copy of `remotePath` in `folder`: at the whole path `name`, or else at its last part.
 *
 * @throws JangadaError `local_io` if there is no copy.
 */
export async function findCopy(
  name: string,
  remotePath: RemotePath,
  folder: string,
): Promise<LocalCopy> {
  for (const localPath of [name, baseName(name)]) {
    const file = path.join(folder, ...localPath.split('/').map(part => localName(part)));
    try {
      const stats = await stat(file);
      return {name, remotePath, localPath, file, size: stats.isFile() ? stats.size : undefined};
    } catch {
      // The copy may be at the other path.
    }
  }

  throw new JangadaError(
    'local_io',
    `${displayName(name)}: there is no local copy in ${displayName(folder)}`,
  );
}
