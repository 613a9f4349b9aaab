/**
 * Looks for the local copy of a remote file, only with asynchronous calls: a disk that hangs delays only this search.
 * Links below the target folder are not followed.
 */
import {lstat, realpath} from 'node:fs/promises';
import {join} from 'node:path';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import {localNames, partialName} from '../../disk/local-name.ts';
import {mtimeMsOf, stateOf} from '../../terms/file-state.ts';

/** A folder that files are saved to, and a `/`-separated path in it. */
export type CopyPlace = {readonly folder: string; readonly localPath: string};

export type CopyQuestion = {
  readonly path: RemotePath;
  /** Where the copy may be, the likeliest place first. */
  readonly places: readonly CopyPlace[];
  /** A number that rises with each question. */
  readonly ticket: number;
  /**
   * Whether the file with this absolute path is known to be a copy of the remote file. Then no other file is
   * considered.
   */
  readonly isKnown: (file: string) => boolean;
};

export type LocalFile = CopyPlace & {
  /** Absolute path. */
  readonly file: string;
  /** `size` in bytes, `mtimeMs` in milliseconds since 1970. */
  readonly size: number;
  readonly mtimeMs: number;
  /** See `stateOf`. */
  readonly state: string;
};

/** `allocated`: bytes that it occupies on the disk. Its missing blocks are mostly holes. */
type LocalPartial = {readonly file: string; readonly size: number; readonly allocated: number};

/** `partial` is set only if there is no copy. */
export type CopyLook = {
  readonly copy: LocalFile | undefined;
  readonly partial: LocalPartial | undefined;
};

/** Checks of folders, shared for a moment by files of the same folder. */
export type FolderLooks = Map<string, Promise<boolean>>;

/** A place that cannot be read counts as empty: a download to it will report the reason. */
export async function lookForCopy(
  {places, isKnown}: CopyQuestion,
  folders: FolderLooks,
): Promise<CopyLook> {
  const copies: LocalFile[] = [];
  const partials: LocalPartial[] = [];
  for (const place of places) {
    const names = localNames(place.localPath);
    const name = names?.pop();
    if (names === undefined || name === undefined) {
      continue;
    }

    const parent = join(place.folder, ...names);
    if (names.length > 0 && !(await isPlainFolder(place.folder, names, folders))) {
      continue;
    }

    const file = join(parent, name);
    const stats = await statsOf(file);
    if (stats === undefined) {
      const partial = join(parent, partialName(name));
      const part = await statsOf(partial);
      if (part !== undefined) {
        const allocated = Number(part.blocks) * 512;
        partials.push({file: partial, size: Number(part.size), allocated});
      }
    } else {
      const facts = {size: Number(stats.size), mtimeMs: mtimeMsOf(stats), state: stateOf(stats)};
      copies.push({...place, file, ...facts});
      if (isKnown(file)) {
        return {copy: copies.at(-1), partial: undefined};
      }
    }
  }

  const [copy] = copies;
  return {copy, partial: copy === undefined ? partials[0] : undefined};
}

/** The stats of the regular file at this path. */
async function statsOf(file: string) {
  try {
    const stats = await lstat(file, {bigint: true});
    return stats.isFile() ? stats : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the path from `folder` down to `names` leads only through folders, without links. */
function isPlainFolder(
  folder: string,
  names: readonly string[],
  looks: FolderLooks,
): Promise<boolean> {
  const path = join(folder, ...names);
  let look = looks.get(path);
  if (look === undefined) {
    look = Promise.all([realpath(folder), realpath(path)]).then(
      ([above, real]) => real === join(above, ...names),
      () => false,
    );
    looks.set(path, look);
  }

  return look;
}
