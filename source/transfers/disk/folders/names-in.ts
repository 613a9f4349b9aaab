import {type Dir, opendirSync} from 'node:fs';
import type {OpenFolder} from './target-folder.ts';

/** Names that the system is asked for at once. */
const namesAtOnce = 512;

/** Fewer looks than these do not pay for all names. */
const fewLooks = 32;

/**
 * The names in `folder`, each with whether it is that of a plain file, for so many `looks` at names in it. To read a
 * name takes a tenth of the time of a look at it.
 *
 * @returns undefined if these looks do not pay for it, or the names cannot be read.
 */
export function namesIn(
  folder: OpenFolder,
  looks: number,
): ReadonlyMap<string, boolean> | undefined {
  if (looks < fewLooks) {
    return undefined;
  }

  const most = 4 * looks + 1000;
  let names: Dir | undefined;
  try {
    names = opendirSync(folder.at('.'), {bufferSize: namesAtOnce});
    const found = new Map<string, boolean>();
    for (let entry = names.readSync(); entry !== null; entry = names.readSync()) {
      if (found.size === most) {
        return undefined;
      }

      found.set(entry.name, entry.isFile());
    }

    return found;
  } catch {
    // A look at each of them says why.
    return undefined;
  } finally {
    names?.closeSync();
  }
}
