/**
 * The system calls of the store. They block their thread: the serving thread while the disk is fast, another one while it
 * is slow. Arguments and results can be posted between threads, and descriptors belong to the whole process.
 */
import {Buffer} from 'node:buffer';
import {closeSync, type Dir, fstatSync} from 'node:fs';
import {isJangadaError} from '../../../../protocol/errors.ts';
import type {Entry} from '../../../../protocol/messages.ts';
import {readFully} from '../../../../protocol/read-fully.ts';
import {baseName, parentOf, type RemotePath, rootPath} from '../../../../protocol/remote-path.ts';
import type {FileToLoad, LoadedFiles} from '../../store.ts';
import {storeError} from '../../store-errors.ts';
import {type FileState, isSameState, mtimeMsOf, typeOf, versionOf} from '../root/file-state.ts';
import {entryNamed, openNames, readName, refuseRemoved} from '../root/folder-names.ts';
import {loadFiles} from '../root/load-files.ts';
import type {OpenedFolder, Root} from '../root/root.ts';

type CallTypes = {
  stat: {args: [path: RemotePath]; result: Entry & {version: string}};
  /** Whether a link on `path` leads out of the root. */
  leadsOut: {args: [path: RemotePath]; result: boolean};
  /** Open a file; the caller closes the descriptor. */
  openFile: {args: [path: RemotePath]; result: OpenFile};
  /** Open a file; a small file is read and closed at once. */
  loadFile: {args: [path: RemotePath]; result: OpenFile | LoadedBytes};
  /** Read whole small files, as many as `ms` allows: see `Store.load`. */
  loadFiles: {args: [files: readonly FileToLoad[], ms: number]; result: LoadedFiles};
  /** Open a folder; the caller closes its descriptor. */
  openFolder: {args: [path: RemotePath]; result: OpenedFolder};
  /** The state of an open file; `path` is for the error. */
  stateOf: {args: [descriptor: number, path: RemotePath]; result: FileState};
  /** Read bytes of an open file into `memory`; fewer than `length` only at its end. */
  read: {
    args: [
      descriptor: number,
      position: number,
      length: number,
      path: RemotePath,
      memory: ArrayBuffer,
    ];
    result: Uint8Array;
  };
  /** Names in a folder after the first `skip` ones; fewer than `count` only at its end. */
  names: {args: [path: RemotePath, place: string, skip: number, count: number]; result: string[]};
  /** The entries of the names that still exist in a folder. */
  entries: {args: [path: RemotePath, place: string, names: readonly string[]]; result: Entry[]};
  close: {args: [descriptor: number]; result: undefined};
};

export type OpenFile = {descriptor: number; state: FileState};

/** All bytes of a file, and whether the file stayed unchanged during the read. */
export type LoadedBytes = {bytes: Uint8Array; state: FileState; unchanged: boolean};

/** The largest file that `loadFile` reads at once, in bytes. */
const smallFile = 65_536;

export type CallName = keyof CallTypes;
export type CallArguments<Name extends CallName> = CallTypes[Name]['args'];
export type CallResult<Name extends CallName> = CallTypes[Name]['result'];

export type FolderCalls = {
  [Name in CallName]: (...args: CallArguments<Name>) => CallResult<Name>;
};

/** The calls under `root`, made in the current thread. They throw a JangadaError as a Store does. */
export function callsUnder(root: Root): FolderCalls {
  const calls: FolderCalls = {
    stat(path) {
      const stats = root.stat(path);
      const type = typeOf(stats);
      return {
        name: baseName(path),
        type,
        size: type === 'file' ? Number(stats.size) : 0,
        mtimeMs: mtimeMsOf(stats),
        version: versionOf(stats),
      };
    },
    leadsOut: path => leadsOut(root, path),
    openFile(path) {
      const {descriptor, stats} = root.openFile(path);
      return {descriptor, state: stateFrom(stats)};
    },
    openFolder: path => root.openFolder(path),
    stateOf(descriptor, path) {
      try {
        return stateFrom(fstatSync(descriptor, {bigint: true}));
      } catch (error) {
        throw storeError(error, path);
      }
    },
    read(descriptor, position, length, path, memory) {
      const bytes = Buffer.from(memory, 0, length);
      return bytes.subarray(0, readInto(descriptor, bytes, position, path));
    },
    names(path, place, skip, count) {
      const all = openNames(place, path);
      try {
        const names = readNames(all, path, skip, count);
        if (names.length < count) {
          refuseRemoved(place, path);
        }

        return names;
      } finally {
        all.closeSync();
      }
    },
    entries(path, place, names) {
      const entries = names.flatMap(name => entryNamed(root, path, place, name));
      if (entries.length < names.length) {
        refuseRemoved(place, path);
      }

      return entries;
    },
    close(descriptor) {
      closeSync(descriptor);
      return undefined;
    },
    loadFiles: (files, ms) => loadFiles(root, files, ms),
    loadFile(path) {
      const file = calls.openFile(path);
      if (file.state.size > smallFile) {
        return file;
      }

      const {descriptor, state} = file;
      try {
        const length = Number(state.size);
        const bytes = calls.read(descriptor, 0, length, path, new ArrayBuffer(length));
        return {
          bytes: bytes.subarray(0, length),
          state,
          unchanged: isSameState(state, calls.stateOf(descriptor, path)),
        };
      } finally {
        closeSync(descriptor);
      }
    },
  };
  return calls;
}

/** Goes from the top, so that it reads nothing behind a link that leads out. */
function leadsOut(root: Root, path: RemotePath): boolean {
  const parent = parentOf(path);
  try {
    return (parent !== rootPath && leadsOut(root, parent)) || !root.isInside(path);
  } catch (error) {
    if (isJangadaError(error, 'not_found', 'forbidden')) {
      return false;
    }

    throw error;
  }
}

function readNames(all: Dir, path: RemotePath, skip: number, count: number): string[] {
  const names: string[] = [];
  for (let at = 0; names.length < count; at++) {
    const name = readName(all, path);
    if (name === undefined) {
      break;
    }

    if (at >= skip) {
      names.push(name);
    }
  }

  return names;
}

/**
 * Fill `into` with the bytes of an open file from `position` on. @returns the number of bytes; fewer only at the end of
 * the file.
 */
export function readInto(
  descriptor: number,
  into: Uint8Array,
  position: number,
  path: RemotePath,
): number {
  try {
    return readFully(descriptor, into, into.length, position);
  } catch (error) {
    throw storeError(error, path);
  }
}

function stateFrom({dev, ino, nlink, size, mtimeNs, ctimeNs}: FileState): FileState {
  return {dev, ino, nlink, size, mtimeNs, ctimeNs};
}
