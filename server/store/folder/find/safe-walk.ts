/**
 * The file system that fast-glob sees: `/top` is the searched folder, folders are read through the root, and a link looks
 * like the file or folder that it leads to. The walk does not enter a folder that is one of its own parents, so it never
 * walks a loop for ever.
 *
 * fast-glob reads a folder as a whole. So that a huge folder does not fill the memory, fast-glob sees only a slice of its
 * names, and walks again for the next slice. On such a further walk it sees only the path to that folder, and the slice.
 */
import type {Dir} from 'node:fs';
import type {FileSystemAdapter} from 'fast-glob';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {hideLineEnds} from '../../../../protocol/masks/mask-line-ends.ts';
import {
  hasRoomBelow,
  joinRemotePath,
  type RemotePath,
  rootPath,
} from '../../../../protocol/remote-path.ts';
import {refusePartial} from '../../store-errors.ts';
import {typeOf} from '../root/file-state.ts';
import {openNames, readDirent, refuseRemoved} from '../root/folder-names.ts';
import type {PatientRoot} from '../root/patient-root.ts';
import {closeFolder} from '../root/root.ts';
import {stateAt} from './find-messages.ts';
import {isAboveTop, topFolder, underTop} from './glob-path.ts';
import type {LinkLoops} from './link-loops.ts';
import {SeenName, SeenState} from './seen-name.ts';
import type {UnsearchedPlaces} from './unsearched-places.ts';
import {type OpenNames, WalkedNames, type WalkedNamesOptions} from './walked-names.ts';

/** The most names of one folder in a slice. */
const sliceNames = 4000;

/** A folder with names left for a further walk. */
type Unfinished = OpenNames & {names: Dir};

type WalkOptions = WalkedNamesOptions & {root: PatientRoot; loops: LinkLoops};

type Done<Result> = (error: Error | null, result: Result) => void;
type Reader<Result> = (path: string, done: Done<Result>) => void;

export class SafeWalk {
  readonly #root: PatientRoot;
  readonly #base: RemotePath;
  readonly #state: Int32Array;
  readonly #loops: LinkLoops;
  readonly #names: WalkedNames;
  readonly #unsearched: UnsearchedPlaces;
  /** The huge folder of this walk; undefined on the first walk. */
  #target: RemotePath | undefined;
  #unfinished: Unfinished | undefined;
  /** Further huge folders, which wait: only one is read at a time. */
  readonly #postponed = new Set<RemotePath>();

  constructor({root, base, loops, state, judge, unsearched}: WalkOptions) {
    this.#root = root;
    this.#base = base;
    this.#loops = loops;
    this.#state = state;
    this.#names = new WalkedNames({root, base, state, judge, unsearched});
    this.#unsearched = unsearched;
  }

  /** Whether names are left; then walk again with the same masks. */
  again(): boolean {
    const [postponed] = this.#postponed;
    this.#target = this.#unfinished?.path ?? postponed;
    if (this.#target !== undefined) {
      this.#postponed.delete(this.#target);
    }

    return this.#target !== undefined;
  }

  /** Whether this walk only passes through the folder at `path`, which an earlier walk has already met. */
  isOnTheWay(path: string): boolean {
    return this.#target === path || this.#target?.startsWith(`${path}/`) === true;
  }

  [Symbol.dispose](): void {
    if (this.#unfinished !== undefined) {
      this.#close(this.#unfinished);
    }
  }

  /** The file system for fast-glob. It calls nothing else. */
  get adapter(): Partial<FileSystemAdapter> {
    const stat: Reader<SeenState> = (path, done) => this.#answer(() => this.#stat(path), done);
    const readdir = (path: string, _options: object, done: Done<SeenName[]>) =>
      this.#answer(() => this.#readFolder(path), done);
    // The types want all overloads of the functions in node:fs; fast-glob uses only these forms.
    return {lstat: stat, stat, readdir} as unknown as Partial<FileSystemAdapter>;
  }

  /** Do `work` with the file system; its time does not count as matching. */
  reading<Result>(work: () => Result): Result {
    Atomics.add(this.#state, stateAt.reads, 1);
    Atomics.store(this.#state, stateAt.reading, 1);
    try {
      return work();
    } finally {
      Atomics.store(this.#state, stateAt.reading, 0);
    }
  }

  #answer<Result>(work: () => Result, done: (error: Error | null, result: Result) => void): void {
    // Not at once: fast-glob continues inside the callback, so deep folders would nest calls.
    setImmediate(() => {
      let result: Result;
      try {
        result = this.reading(work);
      } catch (error) {
        // After an error, fast-glob ignores the result.
        done(error instanceof Error ? error : new Error('unknown'), undefined as Result);
        return;
      }

      done(null, result);
    });
  }

  #stat(path: string): SeenState {
    const under = underTop(path);
    const remotePath = this.#absolute(under);
    refusePartial(remotePath);
    try {
      return new SeenState(typeOf(this.#root.stat(remotePath)), this.#state);
    } catch (error) {
      if (!isJangadaError(error, 'not_found')) {
        this.#unsearched.add(under, error);
      }

      throw error;
    }
  }

  #readFolder(place: string): SeenName[] {
    if (isAboveTop(place)) {
      return [new SeenName(topFolder, 'folder', this.#state)];
    }

    const path = underTop(place);
    const remotePath = this.#absolute(path);
    refusePartial(remotePath);
    if (Atomics.load(this.#state, stateAt.stop) > 0) {
      return [];
    }

    const next = this.#nextOnTheWay(path);
    if (next !== undefined) {
      return [new SeenName(hideLineEnds(next), 'folder', this.#state)];
    }

    try {
      const unfinished = this.#unfinished?.path === path ? this.#unfinished : this.#open(path);
      return unfinished === undefined ? [] : this.#readSlice(unfinished);
    } catch (error) {
      this.#unsearched.add(path, error);
      return [];
    }
  }

  /** The next name on the path from `path` to the folder of this walk. */
  #nextOnTheWay(path: RemotePath): string | undefined {
    const before = path === rootPath ? '' : `${path}/`;
    return this.#target !== undefined && this.#target !== path && this.#target.startsWith(before)
      ? this.#target.slice(before.length).split('/')[0]
      : undefined;
  }

  #open(path: RemotePath): Unfinished | undefined {
    const absolute = this.#absolute(path);
    const folder = this.#root.openFolder(absolute);
    try {
      if (!this.#loops.isLoop(path, folder.realPath)) {
        const names = this.#root.patiently(() => openNames(folder.place, absolute));
        return {path, folder, names, roomy: hasRoomBelow(absolute)};
      }
    } catch (error) {
      closeFolder(folder);
      throw error;
    }

    closeFolder(folder);
    return undefined;
  }

  #readSlice(unfinished: Unfinished): SeenName[] {
    const seen: SeenName[] = [];
    let done = false;
    try {
      while (!done && seen.length < sliceNames) {
        const dirent = readDirent(unfinished.names, unfinished.path);
        done = dirent === null;
        const name = dirent === null ? undefined : this.#names.seen(unfinished, dirent);
        if (name !== undefined) {
          seen.push(name);
        }
      }

      if (done) {
        refuseRemoved(unfinished.folder.place, unfinished.path);
      }
    } catch (error) {
      // The names that were read before the error are still valid.
      this.#unsearched.add(unfinished.path, error);
      done = true;
    }

    if (done) {
      this.#close(unfinished);
    } else if (this.#unfinished === undefined) {
      this.#unfinished = unfinished;
    } else if (this.#unfinished !== unfinished) {
      this.#close(unfinished);
      this.#postponed.add(unfinished.path);
      return [];
    }

    return seen;
  }

  #close(unfinished: Unfinished): void {
    unfinished.names.closeSync();
    closeFolder(unfinished.folder);
    if (this.#unfinished === unfinished) {
      this.#unfinished = undefined;
    }
  }

  /** Convert a path under the base to a path under the root. */
  #absolute(path: RemotePath): RemotePath {
    return path === rootPath ? this.#base : joinRemotePath(this.#base, path);
  }
}
