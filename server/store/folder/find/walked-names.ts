/**
 * The names in folders, as a walk sees them: partials do not exist, a link seems to be the file or
 * folder that it leads to, and a name whose path would be too long is noted as unsearched.
 */
import type {Dirent} from 'node:fs';
import {isJangadaError} from '../../../../protocol/errors.ts';
import type {MaskJudge} from '../../../../protocol/masks/mask-judge.ts';
import {hideLineEnds} from '../../../../protocol/masks/mask-line-ends.ts';
import type {EntryType} from '../../../../protocol/messages.ts';
import {
  isRemotePath,
  joinRemotePath,
  maxNameBytes,
  partialSuffix,
  type RemotePath,
  rootPath,
} from '../../../../protocol/remote-path.ts';
import {storeError} from '../../store-errors.ts';
import {typeOf} from '../root/file-state.ts';
import {lstatIn, nameFromLatin1} from '../root/folder-names.ts';
import type {OpenedFolder, Root} from '../root/root.ts';
import {SeenName} from './seen-name.ts';
import type {UnsearchedPlaces} from './unsearched-places.ts';

/** Every name of so few characters has at most `maxNameBytes`. */
const shortNameLength = Math.floor(maxNameBytes / 3);

/** A folder whose names are read. */
export type OpenNames = {
  /** Under the base. */
  path: RemotePath;
  folder: OpenedFolder;
  /** Whether the path of every name in it is short enough. */
  roomy: boolean;
};

export type WalkedNamesOptions = {
  root: Root;
  /** The folder that is searched. */
  base: RemotePath;
  /** The numbers of find-messages.ts, which tell the other side how the walk gets on. */
  state: Int32Array;
  judge: MaskJudge;
  /** Is told of what cannot be looked at. */
  unsearched: UnsearchedPlaces;
};

export class WalkedNames {
  readonly #root: Root;
  readonly #base: RemotePath;
  readonly #state: Int32Array;
  readonly #judge: MaskJudge;
  readonly #unsearched: UnsearchedPlaces;

  constructor({root, base, state, judge, unsearched}: WalkedNamesOptions) {
    this.#root = root;
    this.#base = base;
    this.#state = state;
    this.#judge = judge;
    this.#unsearched = unsearched;
  }

  /** The name as it is shown; undefined if it is not, or does not exist for a client. */
  seen({path, folder, roomy}: OpenNames, dirent: Dirent): SeenName | undefined {
    const name = nameFromLatin1(dirent.name);
    if (name.endsWith(partialSuffix)) {
      return undefined;
    }

    if (!(roomy && name.length <= shortNameLength) && !this.#isPath(childOf(path, name))) {
      this.#tooDeep(path, name, dirent);
      return undefined;
    }

    const type = this.#typeOf(folder, path, dirent, name);
    return type === 'file' || type === 'folder'
      ? new SeenName(hideLineEnds(name), type, this.#state)
      : undefined;
  }

  #isPath(under: string): boolean {
    return isRemotePath(childOf(this.#base, under));
  }

  /** Something in the folder at `path` has no path that a client could ask for. */
  #tooDeep(path: RemotePath, name: string, dirent: Dirent): void {
    const child = childOf(path, name);
    const isWanted = dirent.isDirectory()
      ? !this.#judge.excludes(child, 'folder')
      : this.#judge.matches(child, 'file');
    if (isWanted) {
      this.#unsearched.addTooDeep(path);
    }
  }

  /** @param parent the path of the folder, under the base. */
  #typeOf(
    folder: OpenedFolder,
    parent: RemotePath,
    dirent: Dirent,
    name: string,
  ): EntryType | undefined {
    if (dirent.isFile()) {
      return 'file';
    }

    if (dirent.isDirectory()) {
      return 'folder';
    }

    const path = joinRemotePath(parent, name);
    try {
      // A link; or a file system that does not tell types with names.
      const stats = dirent.isSymbolicLink() ? undefined : lstatIn(folder.place, name);
      return stats === undefined || stats.isSymbolicLink()
        ? typeOf(this.#root.stat(joinRemotePath(this.#base, path)))
        : typeOf(stats);
    } catch (error) {
      if (isJangadaError(storeError(error, path), 'not_found')) {
        // It leads out of the root, or nowhere: it does not exist.
        return undefined;
      }

      if (this.#judge.matches(path, 'file')) {
        this.#unsearched.add(path, error);
      }

      // It may be a folder: where the masks lead into it, the walk meets the error again.
      return 'folder';
    }
  }
}

/** The path of `name` in a folder, which need not be short enough for a remote path. */
function childOf(folder: RemotePath, name: string): string {
  return folder === rootPath ? name : `${folder}/${name}`;
}
