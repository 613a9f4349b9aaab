/** The names in an opened folder, and the states behind them. */
import {Buffer} from 'node:buffer';
import {type Dir, lstatSync, opendirSync, type Stats} from 'node:fs';
import type {Entry} from '../../../../protocol/messages.ts';
import {
  joinRemotePath,
  nameFromBytes,
  nameToBytes,
  partialSuffix,
  type RemotePath,
} from '../../../../protocol/remote-path.ts';
import {storeError} from '../../store-errors.ts';
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

/** The next name; undefined behind the last one. */
export function readName(names: Dir): string | undefined {
  const dirent = names.readSync();
  return dirent === null ? undefined : nameFromLatin1(dirent.name);
}

/** A name of an entry that `openNames` gave, as the rest of the program writes it. */
export function nameFromLatin1(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  return /^[\u0000-\u007f]*$/.test(name) ? name : nameFromBytes(Buffer.from(name, 'latin1'));
}

/**
 * The entry of the child `name` of the folder at `place`; none if it is gone, a partial, or a link
 * that leads out of the root or nowhere.
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
  } catch {
    // Whatever cannot be looked at does not exist for a client.
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
