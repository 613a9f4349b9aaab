import {lstatSync, type Stats} from 'node:fs';
import {join} from 'node:path';
import {baseName} from '../../protocol/remote-path.ts';
import {localNames, partialName} from '../transfers/disk/local-name.ts';

/**
 * The paths below the target folder at which the copy of the file `path` may be, the first before the second: its
 * whole path, where `mget` saves it, and its last part, where `sget` saves it.
 */
export function copyPlaces(path: string): readonly [whole: string, last: string] {
  return [path, baseName(path)];
}

/**
 * Whether a download to `localPath` below `folder` would continue a file or its partial. A download follows no link
 * below `folder`, and replaces no link and no folder: these do not count.
 */
export function isBegunAt(folder: string, localPath: string): boolean {
  const names = localNames(localPath) ?? [];
  const name = names.pop();
  const parents = names.map((_, index) => join(folder, ...names.slice(0, index + 1)));
  return (
    name !== undefined &&
    parents.every(parent => statsOf(parent)?.isDirectory()) &&
    [name, partialName(name)].some(each => statsOf(join(folder, ...names, each))?.isFile())
  );
}

/** What is at `path` itself; undefined if nothing is there, or it cannot be read: then nothing can be continued. */
function statsOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
