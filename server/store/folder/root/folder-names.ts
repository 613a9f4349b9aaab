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
import type {OpenedFolder, Root} from './root.ts';

/** Names that the system is asked for at once. */
const namesAtOnce = 250;

/** Options for reading names: they come one character a byte, whatever bytes they are. */
export const nameOptions = {encoding: 'latin1', bufferSize: namesAtOnce} as const;

/** @throws JangadaError as a Root does. */
export function openNames(folder: OpenedFolder, path: string): Dir {
  try {
    return opendirSync(folder.place, nameOptions);
  } catch (error) {
    throw storeError(error, path);
  }
}

/** The name that a folder opened with `nameOptions` gave, as the rest of the program writes it. */
export function nameFromLatin1(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  return /^[\u0000-\u007f]*$/.test(name) ? name : nameFromBytes(Buffer.from(name, 'latin1'));
}

/**
 * The entry of the child `name` of a folder; undefined if it is gone, a partial, or a link that
 * leads out of the root or nowhere.
 */
export function entryNamed(
  root: Root,
  path: RemotePath,
  place: string,
  name: string,
): Entry | undefined {
  if (name.endsWith(partialSuffix)) {
    return undefined;
  }

  try {
    const stats = lstatIn(place, name);
    if (stats?.isSymbolicLink()) {
      const target = root.stat(joinRemotePath(path, name));
      const type = typeOf(target);
      const size = type === 'file' ? Number(target.size) : 0;
      return {name, type, size, mtimeMs: mtimeMsOf(target)};
    }

    if (stats !== undefined) {
      const type = typeOf(stats);
      return {name, type, size: type === 'file' ? stats.size : 0, mtimeMs: stats.mtimeMs};
    }
  } catch {
    // Whatever cannot be looked at does not exist for a client.
  }

  return undefined;
}

/** State of the child `name` of the folder at `place`, links not followed. */
export function lstatIn(place: string, name: string): Stats | undefined {
  const child = name.isWellFormed()
    ? `${place}/${name}`
    : Buffer.concat([Buffer.from(`${place}/`), nameToBytes(name)]);
  return lstatSync(child, {throwIfNoEntry: false});
}
