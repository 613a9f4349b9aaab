import {baseName} from '../../protocol/remote-path.ts';

/**
 * The paths below the target folder at which the copy of the file `path` may be, the first before the second: its
 * whole path, where `mget` saves it, and its last part, where `sget` saves it.
 */
export function copyPlaces(path: string): readonly [whole: string, last: string] {
  return [path, baseName(path)];
}
