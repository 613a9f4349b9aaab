/** The names in an opened folder, and the states behind them. */
import {Buffer} from 'node:buffer';
import {
  type Dir,
  type Dirent,
  lstatSync,
  opendirSync,
  readlinkSync,
  type Stats,
  statSync,
} from 'node:fs';
import {isJangadaError, systemErrorCode} from '../../../../protocol/errors.ts';
import type {Entry} from '../../../../protocol/messages.ts';
import {
  joinRemotePath,
  nameFromBytes,
  nameToBytes,
  partialSuffix,
  type RemotePath,
} from '../../../../protocol/remote-path.ts';
import {notFound, storeError} from '../../store-errors.ts';
import {mtimeMsOf, typeOf} from './file-state.ts';
import type {Root} from './root.ts';

/** Names that the system is asked for at once. */
const namesAtOnce = 250;

/**
 * The names in the folder at `place`; the caller closes them.
 *
 * @throws JangadaError as a Root does; `path` is for its message.
 */
export function openNames(place: string, path: RemotePath): Dir {
  try {
    // One character a byte, whatever bytes they are.
    return opendirSync(place, {encoding: 'latin1', bufferSize: namesAtOnce});
  } catch (error) {
    throw storeError(error, path);
  }
}

/**
 * The next entry of the folder at `path`; null behind the last one.
 *
 * @throws JangadaError as a Root does: `not_found` if the folder is removed meanwhile.
 */
export function readDirent(names: Dir, path: RemotePath): Dirent | null {
  try {
    return names.readSync();
  } catch (error) {
    throw storeError(error, path);
  }
}

/** The name of the next entry; undefined behind the last one. @throws as `readDirent`. */
export function readName(names: Dir, path: RemotePath): string | undefined {
  const dirent = readDirent(names, path);
  return dirent === null ? undefined : nameFromLatin1(dirent.name);
}

/**
 * Make sure that the folder at `place` has not been removed while its names were read: the system
 * then says that there are no more.
 *
 * @throws JangadaError `not_found`.
 */
export function refuseRemoved(place: string, path: RemotePath): void {
  const stats = statSync(place, {throwIfNoEntry: false});
  // A folder without a link is none on most file systems; the pin of a removed one says so, too.
  if (stats === undefined || (stats.nlink === 0 && readlinkSync(place).endsWith(' (deleted)'))) {
    throw notFound(path);
  }
}

/** A name of an entry that `openNames` gave, as the rest of the program writes it. */
export function nameFromLatin1(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  return /^[\u0000-\u007f]*$/.test(name) ? name : nameFromBytes(Buffer.from(name, 'latin1'));
}

/**
 * The entry of the child `name` of the folder at `place`; none if it is gone, a partial, or a link
 * that leads out of the root or nowhere. Of a child that cannot be looked at the type is `other`.
 *
 * @throws JangadaError `forbidden` if nothing in the folder may be looked at.
 */
export function entryNamed(
  root: Root,
  path: RemotePath,
  place: string,
  name: string,
): [Entry] | [] {
  if (name.endsWith(partialSuffix)) {
    return [];
  }

  try {
    const stats = lstatIn(place, name);
    if (stats?.isSymbolicLink()) {
      const target = root.stat(joinRemotePath(path, name));
      const type = typeOf(target);
      const size = type === 'file' ? Number(target.size) : 0;
      return [{name, type, size, mtimeMs: mtimeMsOf(target)}];
    }

    if (stats !== undefined) {
      const type = typeOf(stats);
      return [{name, type, size: type === 'file' ? stats.size : 0, mtimeMs: stats.mtimeMs}];
    }
  } catch (error) {
    if (systemErrorCode(error) === 'EACCES') {
      throw storeError(error, path);
    }

    return isJangadaError(storeError(error, name), 'not_found')
      ? []
      : [{name, type: 'other', size: 0, mtimeMs: 0}];
  }

  return [];
}

/** State of the child `name` of the folder at `place`, links not followed. */
export function lstatIn(place: string, name: string): Stats | undefined {
  const child = name.isWellFormed()
    ? `${place}/${name}`
    : Buffer.concat([Buffer.from(`${place}/`), nameToBytes(name)]);
  return lstatSync(child, {throwIfNoEntry: false});
}
