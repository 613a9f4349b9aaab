/**
 * Folders that this process made and whose own names may not be on disk yet: a power loss would remove them with all
 * that is in them. Code that flushes names in such a folder must flush the folder's own name too.
 */
import {dirname} from 'node:path';

/** By parent folder; absolute paths without links. */
const unflushed = new Map<string, Set<string>>();

/** Record that the folder at `path`, absolute and without links, was made. */
export function noteNew(path: string): void {
  const parent = dirname(path);
  const names = unflushed.get(parent) ?? new Set();
  unflushed.set(parent, names.add(path));
}

/** Whether the name of the folder at `path` may not be on disk yet. */
export function isNew(path: string): boolean {
  return unflushed.get(dirname(path))?.has(path) === true;
}

/** The new folders in the folder at `path`. */
export function newIn(path: string): string[] {
  return [...(unflushed.get(path) ?? [])];
}

/** The names of the folders at `paths` are on disk now. */
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
