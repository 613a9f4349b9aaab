/** Makes entries for found files and folders, which come folder by folder. */
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
  // The folder of the last entry: the next entry is probably in the same folder.
  #folder: {path: RemotePath; opened: OpenedFolder} | undefined;

  /**
   * @param loops knows which folders are loops; without it, only files get entries.
   * @param unsearched collects the places that cannot be read.
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
   * The entry of `found`, a path under the base; a slash at its end means a folder only. Undefined if it is gone, and for a
   * folder that would look empty: an unreadable one, and one that a link makes a loop, which the walk does not enter.
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
        // Without the right to enter a folder, nothing in it can be read.
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
