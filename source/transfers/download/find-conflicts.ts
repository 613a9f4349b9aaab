/** Finds files that already have the final names of new transfers, before anything is queued or changed. */
import {join} from 'node:path';
import {isJangadaError} from '../../../protocol/errors.ts';
import {namesIn} from '../disk/folders/names-in.ts';
import type {OpenFolder, TargetFolder} from '../disk/folders/target-folder.ts';
import {finalName, localNames} from '../disk/local-name.ts';
import {exactStats, lookAt} from '../disk/look-at.ts';
import {mtimeMsOf, stateOf} from '../terms/file-state.ts';
import type {NewTransfer, WantedFile} from '../terms/new-transfer.ts';
import {freeName} from './settle-conflict.ts';

/** A local file that has the final name of a transfer: its size in bytes, and its time in milliseconds since 1970. */
export type FileInTheWay = {size: number; mtimeMs: number};

export type Conflict = FileInTheWay & {
  transfer: NewTransfer;
  /** Absolute path of the file that has the final name now. */
  path: string;
  /** See `stateOf`. */
  state: string;
  /** The name beside it that the policy `rename` would choose now. */
  freeName: string;
};

/** A place where a file is to be saved. */
type Place = Pick<WantedFile, 'folder' | 'localPath'>;

type Target = (path: string) => TargetFolder;

/** Number of lookups before the event loop gets a turn. */
const atOnce = 500;

/** Those of `transfers` whose final name is taken by a file, each with that file. */
export async function findConflicts(
  transfers: readonly NewTransfer[],
  target: Target,
): Promise<Conflict[]> {
  const found = await lookAtPlaces(transfers, target, (folder, name) => {
    const stats = exactStats(folder, name);
    return stats === undefined
      ? undefined
      : {
          ...{size: Number(stats.size), mtimeMs: mtimeMsOf(stats), state: stateOf(stats)},
          ...{path: join(folder.path, name), freeName: freeName(folder, name)},
        };
  });
  return transfers.flatMap((transfer, index) => {
    const file = found[index];
    return file === undefined ? [] : [{...file, transfer}];
  });
}

/** For each of `places`, in order, the file that exists there, or undefined. */
export async function filesAt(
  places: readonly Place[],
  target: Target,
): Promise<Array<FileInTheWay | undefined>> {
  return await lookAtPlaces(places, target, fileAt);
}

/** For each of `places`, in order, whether a file exists there. */
export async function areTaken(places: readonly Place[], target: Target): Promise<boolean[]> {
  const taken = await lookAtPlaces(places, target, (folder, name, names) => {
    const isFile = names?.size === 0 ? false : names?.get(name);
    // The disk may treat names with other letters as the same name.
    return isFile ?? fileAt(folder, name) !== undefined;
  });
  return taken.map(isFile => isFile === true);
}

/**
 * One lookup for each place. Consecutive places in one folder share the open folder, because opening it costs more than
 * a lookup.
 */
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

      // A place that cannot be used is not a conflict: the transfer itself fails there, with the reason.
      found.push(undefined);
    }
  }

  return found;
}

function fileAt(folder: OpenFolder, name: string): FileInTheWay | undefined {
  const now = lookAt(folder, name);
  return now.kind === 'file' ? {size: now.stats.size, mtimeMs: now.stats.mtimeMs} : undefined;
}

/** The folder of the last place, kept open until a place in another folder is needed. */
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

  /** The names in that folder, if there are enough lookups to make reading them worthwhile. */
  get names(): ReadonlyMap<string, boolean> | undefined {
    if (this.#looks > 0 && this.#folder !== undefined) {
      this.#names = namesIn(this.#folder, this.#looks);
      this.#looks = 0;
    }

    return this.#names;
  }

  /**
   * The folder of `localPath` below `target`, for place `index`; undefined if it does not exist. @throws JangadaError
   */
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

  /** How many consecutive places from `index` on are in the same folder. */
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
