/** The states of files and folders that were found; they come folder by folder. */
import {isJangadaError, systemErrorCode} from '../../../../protocol/errors.ts';
import type {Entry} from '../../../../protocol/messages.ts';
import {
  baseName,
  joinRemotePath,
  parentOf,
  parseRemotePath,
  type RemotePath,
} from '../../../../protocol/remote-path.ts';
import {storeError} from '../../store-errors.ts';
import {mtimeMsOf, typeOf} from '../root/file-state.ts';
import {lstatIn, openNames, readDirent} from '../root/folder-names.ts';
import type {PatientRoot} from '../root/patient-root.ts';
import {closeFolder, type OpenedFolder} from '../root/root.ts';
import type {LinkLoops} from './link-loops.ts';
import type {UnsearchedPlaces} from './unsearched-places.ts';

export class FoundEntries {
  readonly #root: PatientRoot;
  readonly #base: RemotePath;
  readonly #loops: LinkLoops | undefined;
  readonly #unsearched: UnsearchedPlaces;
  // The folder of the last entry: the next one is most likely in it, too.
  #folder: {path: RemotePath; opened: OpenedFolder} | undefined;

  /**
   * @param loops knows which folders are loops; without it there are entries of files alone.
   * @param unsearched is told of what cannot be looked at.
   */
  constructor(
    root: PatientRoot,
    base: RemotePath,
    loops: LinkLoops | undefined,
    unsearched: UnsearchedPlaces,
  ) {
    this.#root = root;
    this.#base = base;
    this.#loops = loops;
    this.#unsearched = unsearched;
  }

  /**
   * The entry of `found`, a path under the base; with a slash at its end, of a folder alone.
   * Undefined if it is gone, and for a folder that would seem to be empty: one that cannot be read,
   * and one that a link makes a loop, which is not entered.
   */
  entry(found: string): Entry | undefined {
    const name = found.replace(/\/$/, '');
    try {
      const entry = this.#stateOf(name);
      return entry?.type === 'folder'
        ? this.#folderEntry(entry)
        : name === found
          ? entry
          : undefined;
    } catch (error) {
      if (!isJangadaError(storeError(error, name), 'not_found')) {
        // Without the right to search a folder, nothing in it can be looked at.
        const isOfFolder = systemErrorCode(error) === 'EACCES';
        const path = parseRemotePath(name);
        this.#unsearched.add(isOfFolder ? parentOf(path) : path, error);
      }

      return undefined;
    }
  }

  [Symbol.dispose](): void {
    if (this.#folder !== undefined) {
      closeFolder(this.#folder.opened);
    }

    this.#folder = undefined;
  }

  /** @throws if the folder cannot be read. */
  #folderEntry(entry: Entry): Entry | undefined {
    const path = joinRemotePath(this.#base, entry.name);
    const folder = this.#root.openFolder(path);
    try {
      if (this.#loops?.isLoop(parseRemotePath(entry.name), folder.realPath) !== false) {
        return undefined;
      }

      const names = this.#root.patiently(() => openNames(folder.place, path));
      try {
        readDirent(names, path);
      } finally {
        names.closeSync();
      }

      return entry;
    } finally {
      closeFolder(folder);
    }
  }

  #stateOf(name: string): Entry | undefined {
    const path = joinRemotePath(this.#base, name);
    const stats = lstatIn(this.#folderOf(path).place, baseName(path));
    if (stats === undefined) {
      return undefined;
    }

    const target = stats.isSymbolicLink() ? this.#root.stat(path) : stats;
    const type = typeOf(target);
    const mtimeMs = 'mtimeNs' in target ? mtimeMsOf(target) : target.mtimeMs;
    const size = type === 'file' ? Number(target.size) : 0;
    return type === 'other' ? undefined : {name, type, size, mtimeMs};
  }

  #folderOf(path: RemotePath): OpenedFolder {
    const parent = parentOf(path);
    if (this.#folder?.path !== parent) {
      this[Symbol.dispose]();
      this.#folder = {path: parent, opened: this.#root.openFolder(parent)};
    }

    return this.#folder.opened;
  }
}
