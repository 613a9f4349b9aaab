/** Lists one folder, in slices that are short enough for the event loop. */
import {setImmediate as nextTurn} from 'node:timers/promises';
import {throwIfAborted} from '../../../protocol/errors.ts';
import type {Entry} from '../../../protocol/messages.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {Disk} from './disk/disk.ts';
import {entryNamed, openNames, readName, refuseRemoved} from './root/folder-names.ts';
import type {Root} from './root/root.ts';
import {standIn} from './root/stand-in.ts';

const sliceEntries = 250;
const sliceMs = 4;

/** The most names to read in one call of another thread. */
const namesAtOnce = 50_000;

/**
 * The entries of the folder at `path`, in the order of the file system, without partial files and without links that lead
 * out of the root or nowhere.
 *
 * @throws JangadaError `not_found`, `not_a_folder`, `forbidden`, `aborted`.
 */
export async function* listFolder(
  root: Root,
  disk: Disk,
  path: RemotePath,
  signal: AbortSignal,
): AsyncGenerator<Entry[], void, void> {
  const {place, descriptor} = await disk.call('openFolder', path);
  try {
    const listing = {root, disk, path, place, signal};
    const {seen, complete} = yield* listHere(listing);
    if (!complete) {
      yield* listInThreads(listing, seen);
    }
  } finally {
    if (descriptor !== undefined) {
      disk.release(descriptor);
    }
  }
}

type Listing = {root: Root; disk: Disk; path: RemotePath; place: string; signal: AbortSignal};

/** List on this thread while the disk is fast. @returns the number of names that were read. */
async function* listHere({
  root,
  disk,
  path,
  place,
  signal,
}: Listing): AsyncGenerator<Entry[], {seen: number; complete: boolean}, void> {
  if (disk.slow) {
    return {seen: 0, complete: false};
  }

  const names = disk.timed(() => openNames(place, path));
  try {
    let seen = 0;
    let complete = false;
    const readSlice = (here: string) => {
      const entries: Entry[] = [];
      const until = performance.now() + sliceMs;
      for (let count = 0; count < sliceEntries && performance.now() < until; count++) {
        const name = readName(names, path);
        if (name === undefined) {
          refuseRemoved(place, path);
          complete = true;
          break;
        }

        seen++;
        entries.push(...entryNamed(root, path, here, name));
      }

      return entries;
    };
    while (!complete && !disk.slow) {
      throwIfAborted(signal);
      yield disk.timed(() => standIn(place, readSlice));
      await nextTurn();
    }

    return {seen, complete};
  } finally {
    names.closeSync();
  }
}

/**
 * List the names after the first `seen` ones in other threads. Each call begins at the front of the folder again, so in a
 * huge folder that changes meanwhile, a name may be missed or come twice.
 */
async function* listInThreads(
  {disk, path, place, signal}: Listing,
  seen: number,
): AsyncGenerator<Entry[], void, void> {
  let complete = false;
  for (let from = seen; !complete; from += namesAtOnce) {
    const names = await disk.callInThread('names', path, place, from, namesAtOnce);
    complete = names.length < namesAtOnce;
    for (let at = 0; at < names.length; at += sliceEntries) {
      throwIfAborted(signal);
      yield await disk.callInThread('entries', path, place, names.slice(at, at + sliceEntries));
    }
  }
}
