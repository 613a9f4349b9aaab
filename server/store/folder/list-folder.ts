/** The entries of one folder, read in slices that are short enough for the event loop. */
import type {Dir} from 'node:fs';
import {setImmediate as nextTurn} from 'node:timers/promises';
import {JangadaError} from '../../../protocol/errors.ts';
import type {Entry} from '../../../protocol/messages.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Disk} from './disk/disk.ts';
import {entryNamed, nameFromLatin1} from './root/folder-names.ts';
import type {Root} from './root/root.ts';

const sliceEntries = 250;
const sliceMs = 4;

/**
 * The entries of the folder at `path`, in the order of the file system. Links that lead out of the
 * root, or nowhere, and partials are not among them.
 *
 * @throws JangadaError `not_found`, `not_a_folder`, `forbidden`, `aborted`.
 */
export async function* listFolder(
  root: Root,
  disk: Disk,
  path: RemotePath,
  signal: AbortSignal,
): AsyncGenerator<Entry[], void, void> {
  const folder = await disk.call('openFolder', path);
  try {
    const names = await disk.openNames(folder, path);
    try {
      const listing = {root, disk, path, place: folder.place, names};
      for (let done = false; !done; ) {
        if (signal.aborted) {
          throw new JangadaError('aborted', 'The client has left');
        }

        const slice: Slice = disk.slow
          ? await readSliceLater(listing)
          : disk.timed(() => readSlice(listing));
        done = slice.last;
        yield slice.entries;
        await nextTurn();
      }
    } finally {
      names.closeSync();
    }
  } finally {
    if (folder.descriptor !== undefined) {
      disk.release(folder.descriptor);
    }
  }
}

type Listing = {root: Root; disk: Disk; path: RemotePath; place: string; names: Dir};

type Slice = {entries: Entry[]; last: boolean};

function readSlice({root, path, place, names}: Listing): Slice {
  const entries: Entry[] = [];
  const until = performance.now() + sliceMs;
  for (let count = 0; count < sliceEntries && performance.now() < until; count++) {
    const dirent = names.readSync();
    if (dirent === null) {
      return {entries, last: true};
    }

    const entry = entryNamed(root, path, place, nameFromLatin1(dirent.name));
    if (entry !== undefined) {
      entries.push(entry);
    }
  }

  return {entries, last: false};
}

/** The same, with all calls in other threads. */
async function readSliceLater({disk, path, place, names}: Listing): Promise<Slice> {
  const read: string[] = [];
  let last = false;
  while (read.length < sliceEntries && !last) {
    const dirent = await disk.nextName(names);
    last = dirent === null;
    if (dirent !== null) {
      read.push(nameFromLatin1(dirent.name));
    }
  }

  return {entries: await disk.call('entries', path, place, read), last};
}
