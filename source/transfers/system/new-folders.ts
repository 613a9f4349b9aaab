/**
 * Folders that this process made and whose own names may not be on the disk yet: a loss of power would
 * take them away with all that is in them. Whoever flushes names in one of them flushes its own name, too.
 */
import {dirname} from 'node:path';

/** By the folder that they lie in; absolute paths without links. */
const unflushed = new Map<string, Set<string>>();

/** The folder at `path`, absolute and without links, was made. */
export function noteNew(path: string): void {
  const parent = dirname(path);
  const names = unflushed.get(parent) ?? new Set();
  unflushed.set(parent, names.add(path));
}

/** Whether the name of the folder at `path` may not be on the disk yet. */
export function isNew(path: string): boolean {
  return unflushed.get(dirname(path))?.has(path) === true;
}

/** The new folders in the one at `path`. */
export function newIn(path: string): string[] {
  return [...(unflushed.get(path) ?? [])];
}

/** The names of the folders at `paths` are on the disk. */
export function nameFlushed(paths: Iterable<string>): void {
  for (const path of paths) {
    const parent = dirname(path);
    const names = unflushed.get(parent);
    names?.delete(path);
    if (names?.size === 0) {
      unflushed.delete(parent);
    }
  }
}
