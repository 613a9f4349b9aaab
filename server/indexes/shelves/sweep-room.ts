/**
 * Keeps a room of a `FolderShelf` within its share: removes the least recently used files first. Counts and removes only
 * files with names that a `FolderShelf` gives; other files in the folder belong to somebody else.
 */
import {lstatSync, readdirSync, rmdirSync, rmSync, type Stats} from 'node:fs';
import {join} from 'node:path';
import {systemErrorCode} from '../../../protocol/errors.ts';

/** The suffix of a file that is being written. */
export const newSuffix = '.new';

/** The names of sections in a room, and of files in a section. */
const sectionName = /^[0-9a-f]{62}$/;
const fileName = /^[0-9a-f]{16}(\.new)?$/;

/** A file takes whole pages of the disk, and its folder takes one page. */
const pageBytes = 4096;

/** A file that has been in writing for so long belongs to a killed server. */
const abandonedMs = 3_600_000;

/** Remove files in `room` until they take somewhat less than `limitBytes`. */
export function sweepRoom(room: string, limitBytes: number): void {
  const sections = readdirSync(room).filter(name => sectionName.test(name));
  const files = sections.flatMap(section => filesIn(join(room, section)));
  files.sort((one, other) => one.usedMs - other.usedMs);
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const wanted = bytes > limitBytes ? limitBytes * 0.9 : limitBytes;
  for (const file of files) {
    const isAbandoned = file.path.endsWith(newSuffix) && Date.now() - file.mtimeMs > abandonedMs;
    if (bytes > wanted || isAbandoned) {
      rmSync(file.path, {force: true});
      removeIfEmpty(file.place);
      bytes -= file.bytes;
    }
  }
}

type Found = {place: string; path: string; mtimeMs: number; usedMs: number; bytes: number};

function filesIn(place: string): Found[] {
  const names = unlessGone(() => readdirSync(place), []).filter(name => fileName.test(name));
  return names.flatMap(name => {
    const path = join(place, name);
    const stats = lstatSync(path, {throwIfNoEntry: false});
    if (!stats?.isFile()) {
      return [];
    }

    const {atimeMs, mtimeMs} = stats;
    return [{place, path, mtimeMs, usedMs: Math.max(atimeMs, mtimeMs), bytes: onDisk(stats)}];
  });
}

function onDisk({size}: Stats): number {
  return (Math.ceil(size / pageBytes) + 1) * pageBytes;
}

function removeIfEmpty(place: string): void {
  try {
    rmdirSync(place);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOENT') {
      throw error;
    }
  }
}

/** Run `call`; give `otherwise` if the file is gone, because another server may sweep the same room. */
function unlessGone<Result>(call: () => Result, otherwise: Result): Result {
  try {
    return call();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ENOTDIR') {
      return otherwise;
    }

    throw error;
  }
}
