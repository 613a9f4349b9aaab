/** Finds files that have the final names of new transfers, before anything is queued or touched. */
import {join} from 'node:path';
import {isJangadaError} from '../../../protocol/errors.ts';
import {namesIn} from '../disk/folders/names-in.ts';
import type {OpenFolder, TargetFolder} from '../disk/folders/target-folder.ts';
import {finalName, localNames} from '../disk/local-name.ts';
import {lookAt} from '../disk/look-at.ts';
import type {NewTransfer, WantedFile} from '../terms/new-transfer.ts';
import {freeName} from './settle-conflict.ts';

/** A file that has the final name of a wanted one: its size in bytes, and its time in milliseconds since 1970. */
export type FileInTheWay = {size: number; mtimeMs: number};

export type Conflict = FileInTheWay & {
  transfer: NewTransfer;
  /** Absolute path of the file that has the final name now. */
  path: string;
  /** The name beside it that the answer `rename` would give, unless something has it by then. */
  freeName: string;
};

/** A place that files are wanted at. */
type Place = Pick<WantedFile, 'folder' | 'localPath'>;

type Target = (path: string) => TargetFolder;

/** Looks between two turns of the event loop. */
const atOnce = 500;

/** The `transfers` whose final name a file has already, each with that file. */
export async function findConflicts(
  transfers: readonly NewTransfer[],
  target: Target,
): Promise<Conflict[]> {
  const found = await lookAtPlaces(transfers, target, (folder, name) => {
    const file = fileAt(folder, name);
    const path = join(folder.path, name);
    return file === undefined ? undefined : {...file, path, freeName: freeName(folder, name)};
  });
  return transfers.flatMap((transfer, index) => {
    const file = found[index];
    return file === undefined ? [] : [{...file, transfer}];
  });
}

/** Of each of `places`, in their order, the file that is there; undefined: none is. */
export async function filesAt(
  places: readonly Place[],
  target: Target,
): Promise<Array<FileInTheWay | undefined>> {
  return await lookAtPlaces(places, target, fileAt);
}

/** Whether a file is at each of `places`, in their order. */
export async function areTaken(places: readonly Place[], target: Target): Promise<boolean[]> {
  const taken = await lookAtPlaces(places, target, (folder, name, names) => {
    const isFile = names?.size === 0 ? false : names?.get(name);
    // A disk may take other letters for the same name.
    return isFile ?? fileAt(folder, name) !== undefined;
  });
  return taken.map(isFile => isFile === true);
}

/** One look at each place. Those of one folder that follow each other share the way to it, which costs more than a look. */
async function lookAtPlaces<Found>(
  places: readonly Place[],
  target: Target,
  look: (
    folder: OpenFolder,
    name: string,
    names: ReadonlyMap<string, boolean> | undefined,
  ) => Found | undefined,
): Promise<Array<Found | undefined>> {
  const found: Array<Found | undefined> = [];
  using way = new LastWay(places, target);
  for (const [index, {folder, localPath}] of places.entries()) {
    if (index % atOnce === atOnce - 1) {
      await new Promise(setImmediate);
    }

    try {
      const name = finalName(localPath);
      const open = name === undefined ? undefined : way.to(folder, localPath, index);
      found.push(
        name === undefined || open === undefined ? undefined : look(open, name, way.names),
      );
    } catch (error) {
      if (!isJangadaError(error)) {
        throw error;
      }

      // A place that cannot be used is no conflict: the transfer itself fails there, and says why.
      found.push(undefined);
    }
  }

  return found;
}

function fileAt(folder: OpenFolder, name: string): FileInTheWay | undefined {
  const now = lookAt(folder, name);
  return now.kind === 'file' ? {size: now.stats.size, mtimeMs: now.stats.mtimeMs} : undefined;
}

/** The folder of the last place, held open until one in another folder is asked for. */
class LastWay implements Disposable {
  readonly #places: readonly Place[];
  readonly #target: Target;
  #key: string | undefined;
  #folder: OpenFolder | undefined;
  #looks = 0;
  #names: ReadonlyMap<string, boolean> | undefined;

  constructor(places: readonly Place[], target: Target) {
    this.#places = places;
    this.#target = target;
  }

  /** The names in that folder, where the looks at places in it pay for them. */
  get names(): ReadonlyMap<string, boolean> | undefined {
    if (this.#looks > 0 && this.#folder !== undefined) {
      this.#names = namesIn(this.#folder, this.#looks);
      this.#looks = 0;
    }

    return this.#names;
  }

  /** The folder of `localPath` below `target`, that of place `index`; undefined if there is none. @throws JangadaError */
  to(target: string, localPath: string, index: number): OpenFolder | undefined {
    const key = keyOf(target, localPath);
    if (key !== this.#key) {
      this[Symbol.dispose]();
      this.#folder = this.#target(target).openExisting(localNames(localPath)?.slice(0, -1) ?? []);
      this.#key = key;
      this.#looks = this.#folder === undefined ? 0 : this.#placesFrom(index, key);
    }

    return this.#folder;
  }

  [Symbol.dispose](): void {
    this.#folder?.release();
    this.#folder = undefined;
    this.#key = undefined;
    this.#names = undefined;
  }

  /** How many places from `index` on are in one folder. */
  #placesFrom(index: number, key: string): number {
    const end = this.#places.findIndex(
      ({folder, localPath}, at) => at > index && keyOf(folder, localPath) !== key,
    );
    return (end === -1 ? this.#places.length : end) - index;
  }
}

function keyOf(target: string, localPath: string): string {
  return `${target}\0${localPath.slice(0, localPath.lastIndexOf('/') + 1)}`;
}
