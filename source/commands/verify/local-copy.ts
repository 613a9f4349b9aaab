import {stat} from 'node:fs/promises';
import path from 'node:path';
import {displayName} from '../../../protocol/display-text.ts';
import {JangadaError} from '../../../protocol/errors.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import {localName} from '../../transfers/disk/local-name.ts';
import {copyPlaces} from '../copy-places.ts';

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
 * The copy of `remotePath` in `folder`: the first of the places of `name` that has something.
 *
 * @throws JangadaError `local_io` if there is no copy.
 */
export async function findCopy(
  name: string,
  remotePath: RemotePath,
  folder: string,
): Promise<LocalCopy> {
  for (const localPath of copyPlaces(name)) {
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
