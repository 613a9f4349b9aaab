/** The names in an open folder, and their states. */
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

/** How many names to read in one system call. */
const namesAtOnce = 250;

/**
 * The names in the folder at `place`; the caller closes them.
 *
 * @throws JangadaError as a Root does; `path` is for the message.
 */
export function openNames(place: string, path: RemotePath): Dir {
  try {
    // One character for each byte, whatever the encoding.
    return opendirSync(place, {encoding: 'latin1', bufferSize: namesAtOnce});
  } catch (error) {
    throw storeError(error, path);
  }
}

/**
 * The next entry of the folder at `path`; null after the last one.
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

/** The name of the next entry; undefined after the last one. @throws as `readDirent`. */
export function readName(names: Dir, path: RemotePath): string | undefined {
  const dirent = readDirent(names, path);
  return dirent === null ? undefined : nameFromLatin1(dirent.name);
}

/**
 * Check that the folder at `place` was not removed while its names were read: the kernel then just reports the end of the
 * names.
 *
 * @throws JangadaError `not_found`.
 */
export function refuseRemoved(place: string, path: RemotePath): void {
  const stats = statSync(place, {throwIfNoEntry: false});
  // On most file systems a removed folder has a link count of 0; the link of its pin also ends in "(deleted)".
  if (stats === undefined || (stats.nlink === 0 && readlinkSync(place).endsWith(' (deleted)'))) {
    throw notFound(path);
  }
}

/** Convert a name that `openNames` gave to the form of the rest of the program. */
export function nameFromLatin1(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  return /^[\u0000-\u007f]*$/.test(name) ? name : nameFromBytes(Buffer.from(name, 'latin1'));
}

/**
 * The entry of the child `name` of the folder at `place`; undefined if it is gone, a partial file, or a link that leads out
 * of the root or nowhere. A child that cannot be read has the type `other`.
 *
 * @throws JangadaError `forbidden` if the server may not read anything in the folder.
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

/** The state of the child `name` of the folder at `place`, without following links. */
export function lstatIn(place: string, name: string): Stats | undefined {
  const child = name.isWellFormed()
    ? `${place}/${name}`
    : Buffer.concat([Buffer.from(`${place}/`), nameToBytes(name)]);
  return lstatSync(child, {throwIfNoEntry: false});
}
