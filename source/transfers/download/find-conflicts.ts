/** Finds files that have the final names of new transfers, before anything is queued or touched. */
import {join} from 'node:path';
import {isJangadaError} from '../../../protocol/errors.ts';
import type {OpenFolder, TargetFolder} from '../disk/folders/target-folder.ts';
import {localNames} from '../disk/local-name.ts';
import {lookAt} from '../disk/look-at.ts';
import type {NewTransfer, WantedFile} from '../terms/new-transfer.ts';
import {freeName} from './settle-conflict.ts';

/** A file that has the final name of a wanted one. */
export type FileInTheWay = {
  /** Its absolute path. */
  path: string;
  /** Its size in bytes and modification time in milliseconds since 1970. */
  size: number;
  mtimeMs: number;
};

export type Conflict = FileInTheWay & {
  transfer: NewTransfer;
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
    return file === undefined ? undefined : {...file, freeName: freeName(folder, name)};
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

/** One look at each place. Those of one folder that follow each other share the way to it, which costs more than a look. */
async function lookAtPlaces<Found>(
  places: readonly Place[],
  target: Target,
  look: (folder: OpenFolder, name: string) => Found | undefined,
): Promise<Array<Found | undefined>> {
  const found: Array<Found | undefined> = [];
  using way = new LastWay(target);
  for (const [index, {folder, localPath}] of places.entries()) {
    if (index % atOnce === atOnce - 1) {
      await new Promise(setImmediate);
    }

    try {
      const name = localNames(localPath)?.at(-1);
      const open = name === undefined ? undefined : way.to(folder, localPath);
      found.push(name === undefined || open === undefined ? undefined : look(open, name));
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
  return now.kind === 'file'
    ? {path: join(folder.path, name), size: now.stats.size, mtimeMs: now.stats.mtimeMs}
    : undefined;
}

/** The folder of the last place, held open until one in another folder is asked for. */
class LastWay implements Disposable {
  readonly #target: Target;
  #key: string | undefined;
  #folder: OpenFolder | undefined;

  constructor(target: Target) {
    this.#target = target;
  }

  /** The folder of `localPath` below `target`; undefined if there is none. @throws JangadaError */
  to(target: string, localPath: string): OpenFolder | undefined {
    const key = `${target}\0${localPath.slice(0, localPath.lastIndexOf('/') + 1)}`;
    if (key !== this.#key) {
      this[Symbol.dispose]();
      this.#folder = this.#target(target).openExisting(localNames(localPath)?.slice(0, -1) ?? []);
      this.#key = key;
    }

    return this.#folder;
  }

  [Symbol.dispose](): void {
    this.#folder?.release();
    this.#folder = undefined;
    this.#key = undefined;
  }
}
