/** The entries of one folder, read in slices that are short enough for the event loop. */
import {Buffer} from 'node:buffer';
import type {Dir, Stats} from 'node:fs';
import {lstatSync, opendirSync} from 'node:fs';
import {setImmediate as nextTurn} from 'node:timers/promises';
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

const sliceEntries = 250;
const sliceMs = 4;

/**
 * The entries of the folder at `path`, in the order of the file system. What leads out of the
 * root, or nowhere, and partials are not among them.
 *
 * @throws JangadaError `not_found`, `not_a_folder`, `forbidden`.
 */
export async function* listFolder(
  root: Root,
  path: RemotePath,
  signal: AbortSignal,
): AsyncGenerator<Entry[], void, void> {
  const folder = root.openFolder(path);
  try {
    const names = openNames(folder, path);
    try {
      for (let done = false; !done; ) {
        signal.throwIfAborted();
        const slice: Entry[] = [];
        done = readSlice({root, path, folder, names}, slice);
        yield slice;
        await nextTurn();
      }
    } finally {
      names.closeSync();
    }
  } finally {
    folder.close();
  }
}

/** Names come one character a byte, whatever bytes they are. */
export function openNames(folder: OpenedFolder, path: string): Dir {
  try {
    return opendirSync(folder.place, {encoding: 'latin1', bufferSize: sliceEntries});
  } catch (error) {
    throw storeError(error, path);
  }
}

/** The name that `openNames` gave, as the rest of the program writes it. */
export function nameFromLatin1(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
  return /^[\u0000-\u007f]*$/.test(name) ? name : nameFromBytes(Buffer.from(name, 'latin1'));
}

type Listing = {root: Root; path: RemotePath; folder: OpenedFolder; names: Dir};

/** Read one slice. True: that was the last one. */
function readSlice(listing: Listing, slice: Entry[]): boolean {
  const until = performance.now() + sliceMs;
  for (let count = 0; count < sliceEntries && performance.now() < until; count++) {
    const dirent = listing.names.readSync();
    if (dirent === null) {
      return true;
    }

    const entry = entryNamed(listing, nameFromLatin1(dirent.name));
    if (entry !== undefined) {
      slice.push(entry);
    }
  }

  return false;
}

function entryNamed({root, path, folder}: Listing, name: string): Entry | undefined {
  if (name.endsWith(partialSuffix)) {
    return undefined;
  }

  try {
    const stats = lstatIn(folder, name);
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
    // Gone, or a link that leads out of the root or nowhere: it does not exist.
  }

  return undefined;
}

/** State of the child `name` of an opened folder, links not followed. */
export function lstatIn(folder: OpenedFolder, name: string): Stats | undefined {
  const place = name.isWellFormed()
    ? `${folder.place}/${name}`
    : Buffer.concat([Buffer.from(`${folder.place}/`), nameToBytes(name)]);
  return lstatSync(place, {throwIfNoEntry: false});
}
