/** Keeps a room of a `FolderShelf` within its share: the files that were not used for longest go first. */
import {lstatSync, readdirSync, rmdirSync, rmSync, type Stats} from 'node:fs';
import {join} from 'node:path';
import {systemErrorCode} from '../../../protocol/errors.ts';

/** The end of the name of a file that is being written. */
export const newSuffix = '.new';

/** A file takes whole pages of the disk, and its folder one. */
const pageBytes = 4096;

/** A file that is being written for so long belongs to a server that was killed. */
const abandonedMs = 3_600_000;

/** Remove files in `room` until they take no more than `limitBytes`, and some less. */
export function sweepRoom(room: string, limitBytes: number): void {
  const files = readdirSync(room).flatMap(place => filesIn(join(room, place)));
  files.sort((one, other) => one.mtimeMs - other.mtimeMs);
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

type Found = {place: string; path: string; mtimeMs: number; bytes: number};

function filesIn(place: string): Found[] {
  return unlessGone(() => readdirSync(place), []).flatMap(name => {
    const path = join(place, name);
    const stats = lstatSync(path, {throwIfNoEntry: false});
    return stats === undefined ? [] : [{place, path, mtimeMs: stats.mtimeMs, bytes: onDisk(stats)}];
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

/** Another server may sweep the same room. */
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
