/**
 * Reads whole small files with as few system calls as possible. Consecutive files of one folder are read from inside that
 * folder. The check that the folder is in the root happens once for all of them.
 *
 *     lstat(NAME)                            type and state; a link, FIFO or device takes the slow path
 *     open(NAME, O_NOFOLLOW, O_NONBLOCK)     for reading; only in this folder, and without blocking
 *     read                                   the expected number of bytes
 *     fstat                                  still the same file in the same state: nothing has changed meanwhile
 *     close
 *
 * The seven calls with a pin (root-linux.ts) take twice as long. Their advantage: if a FIFO or device replaces a file
 * between the first two calls, a pin never opens it. Here it is open for a moment, and none of its bytes are sent.
 */
import {Buffer} from 'node:buffer';
import {type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync} from 'node:fs';
import {wireCodeOf} from '../../../../protocol/errors.ts';
import {readFully} from '../../../../protocol/read-fully.ts';
import {baseName, parentOf, type RemotePath} from '../../../../protocol/remote-path.ts';
import type {FileToLoad, LoadedFile, LoadedFiles} from '../../store.ts';
import {changed, refusePartial, storeError} from '../../store-errors.ts';
import {isSameState, mtimeMsOf, versionOf} from './file-state.ts';
import {type Root, readFlags} from './root.ts';

/** A folder is pinned only for at least this many files in a row. */
const fewInFolder = 2;

/**
 * Read the first of `files` on this thread, as `Store.load` describes, until `ms` have passed: a disk that has to seek
 * takes some milliseconds for each file.
 */
export function loadFiles(root: Root, files: readonly FileToLoad[], ms: number): LoadedFiles {
  const untilMs = performance.now() + ms;
  const isLate = () => loaded.length > 0 && performance.now() >= untilMs;
  const bytes = Buffer.allocUnsafeSlow(files.reduce((sum, [, size]) => sum + size, 0));
  const loaded: LoadedFile[] = [];
  let filled = 0;
  const load = (place: string | undefined, [path, size]: FileToLoad) => {
    try {
      loaded.push(loadFile(root, place, path, bytes.subarray(filled, filled + size)));
      filled += size;
    } catch (error) {
      loaded.push(failed(error, path));
    }
  };
  for (const run of runsOf(files)) {
    inFolderOf(root, run, place => {
      for (const file of run) {
        if (isLate()) {
          return;
        }

        load(place, file);
      }
    });
    if (isLate()) {
      break;
    }
  }

  return {files: loaded, bytes: bytes.subarray(0, filled)};
}

/** Split `files` into runs of files of one folder. */
function* runsOf(files: readonly FileToLoad[]): Generator<readonly FileToLoad[], void, void> {
  for (let from = 0; from < files.length; ) {
    const parent = folderOf(files, from);
    let to = from + 1;
    while (to < files.length && folderOf(files, to) === parent) {
      to++;
    }

    yield files.slice(from, to);
    from = to;
  }
}

function folderOf(files: readonly FileToLoad[], index: number): RemotePath | undefined {
  const path = files[index]?.[0];
  return path === undefined ? undefined : parentOf(path);
}

/** Do `work`, which does not throw, inside the folder of `run`; if that is not possible, from outside. */
function inFolderOf(
  root: Root,
  run: readonly FileToLoad[],
  work: (place: string | undefined) => void,
): void {
  const parent = run.length < fewInFolder ? undefined : folderOf(run, 0);
  let isDone = false;
  try {
    if (parent !== undefined) {
      root.inFolder(parent, place => {
        isDone = true;
        work(place);
      });
    }
  } catch {
    // Reading each file from outside gives the reason.
  }

  if (!isDone) {
    work(undefined);
  }
}

/** @throws JangadaError as a Root does; `changed` for another size, or a file that changes meanwhile. */
function loadFile(
  root: Root,
  place: string | undefined,
  path: RemotePath,
  into: Uint8Array,
): LoadedFile {
  refusePartial(path);
  const state =
    place !== undefined && path.isWellFormed() ? readInFolder(place, path, into) : undefined;
  const {mtimeNs, size} = state ?? readPinned(root, path, into);
  return {
    kind: 'file',
    size: into.length,
    mtimeMs: mtimeMsOf({mtimeNs}),
    version: versionOf({mtimeNs, size}),
  };
}

/** The file's state; undefined if the file needs the slow path, which also gives the reason of an error. */
function readInFolder(place: string, path: RemotePath, into: Uint8Array): BigIntStats | undefined {
  const name = `${place}/${baseName(path)}`;
  try {
    const before = lstatSync(name, {bigint: true, throwIfNoEntry: false});
    if (!before?.isFile() || Number(before.size) !== into.length) {
      return undefined;
    }

    const descriptor = openSync(name, readFlags | constants.O_NOFOLLOW);
    const after = readAndClose(descriptor, into);
    const isSame = after !== undefined && after.ino === before.ino && after.dev === before.dev;
    return isSame && isSameState(before, after) ? after : undefined;
  } catch {
    return undefined;
  }
}

/** The file's state. */
function readPinned(root: Root, path: RemotePath, into: Uint8Array): BigIntStats {
  const {descriptor, stats} = root.openFile(path);
  if (Number(stats.size) !== into.length) {
    closeSync(descriptor);
    throw changed(path);
  }

  const after = readAndClose(descriptor, into);
  if (after === undefined || !isSameState(stats, after)) {
    throw changed(path);
  }

  return after;
}

/** Fill `into`, and close the file. @returns the state after the read; undefined if the file is shorter. */
function readAndClose(descriptor: number, into: Uint8Array): BigIntStats | undefined {
  try {
    const count = readFully(descriptor, into, into.length, 0);
    return count < into.length ? undefined : fstatSync(descriptor, {bigint: true});
  } finally {
    closeSync(descriptor);
  }
}

function failed(error: unknown, path: RemotePath): LoadedFile {
  const told = storeError(error, path);
  const {cause, message} = told;
  return {kind: 'error', code: wireCodeOf(told), message, cause: String(cause ?? '')};
}
