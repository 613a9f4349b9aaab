/**
 * Finds the files that the chosen entries of a server stand for: chosen files, and all files in chosen folders. Names
 * that cannot be saved here, or that the server should not have sent, are refused; the other files are not affected.
 */
import {isJangadaError, JangadaError} from '../../../protocol/errors.ts';
import {parentOf, type RemotePath} from '../../../protocol/remote-path.ts';
import type {Client} from '../../client/client.ts';
import {NameTable} from '../hashing/name-table.ts';
import type {LocalPlaces} from './local-places.ts';
import {isPartial, type RefusedName, search, searchTyped, type UnsearchedPlace} from './search.ts';

/** `size` in bytes (0 for a folder), `mtimeMs` in milliseconds since 1970. */
export type ChosenEntry = {
  readonly path: RemotePath;
  readonly type: 'file' | 'folder';
  readonly size: number;
  readonly mtimeMs: number;
  /** Typed masks for the files of a folder. Default: all files. */
  readonly masks?: readonly string[] | undefined;
};

export type ChosenFile = {
  readonly remotePath: RemotePath;
  /** `/`-separated path in the target folder. */
  readonly localPath: string;
  readonly size: number;
  readonly mtimeMs: number;
  /** The parent folder of the chosen entry. */
  readonly chosenIn: RemotePath;
};

export type ChosenBatch = {
  readonly files: readonly ChosenFile[];
  readonly refused: readonly RefusedName[];
  readonly unsearched: ReadonlyArray<Pick<UnsearchedPlace, 'remotePath' | 'reason'>>;
  /** Number of further places that the server could not search and did not name. */
  readonly moreUnsearched: number;
};

type ChosenOptions = {
  readonly client: Pick<Client, 'find' | 'stat'>;
  /** The folder in the server's address. Local paths begin at this folder; for files outside of it, at the root. */
  readonly base: RemotePath;
  /** The local places of the files. */
  readonly places: LocalPlaces;
  readonly signal: AbortSignal;
  /** Most names; with more, the call fails. Default: a million. */
  readonly mostNames?: number | undefined;
};

/** Some hundred megabytes if all names are kept. */
const defaultMostNames = 1_000_000;

/**
 * All files, in batches. A file that is both chosen and in a chosen folder comes once.
 *
 * @throws JangadaError as `Client.find` does; `too_large` if there are too many.
 */
export async function* chosenFiles(
  chosen: readonly ChosenEntry[],
  options: ChosenOptions,
): AsyncGenerator<ChosenBatch> {
  const judge = new Judge(options);
  for (let from = 0; from < chosen.length; ) {
    const folder = chosen[from];
    if (folder?.type === 'folder') {
      yield* filesIn(folder, judge, options);
      from++;
    } else {
      const next = chosen.findIndex(({type}, index) => index > from && type === 'folder');
      const end = next === -1 ? chosen.length : next;
      yield judge.batch(chosen.slice(from, end).map(file => ({...file, by: file})));
      from = end;
    }
  }
}

/** All files in a folder. A folder that cannot be searched is reported, and the others continue. */
async function* filesIn(
  folder: ChosenEntry,
  judge: Judge,
  {client, signal}: ChosenOptions,
): AsyncGenerator<ChosenBatch> {
  const {path, masks} = folder;
  const found =
    masks === undefined
      ? search(client, {masks: ['**'], path, signal})
      : searchTyped(client, {masks, path, signal});
  try {
    for await (const batch of found) {
      const {entries, refused, unsearched, moreUnsearched} = batch;
      const files = entries.map(({remotePath, size, mtimeMs}) => ({
        ...{path: remotePath, size, mtimeMs},
        by: folder,
      }));
      const judged = judge.batch(files);
      yield {
        ...{files: judged.files, refused: [...refused, ...judged.refused]},
        ...{unsearched, moreUnsearched},
      };
    }
  } catch (error) {
    if (!isJangadaError(error, 'forbidden', 'not_found', 'not_a_folder', 'internal')) {
      throw error;
    }

    const place = {remotePath: path, reason: error.message};
    yield {files: [], refused: [], unsearched: [place], moreUnsearched: 0};
  }
}

type Found = Pick<ChosenEntry, 'path' | 'size' | 'mtimeMs'> & {readonly by: ChosenEntry};

/** Decides for each file whether it is wanted. */
class Judge {
  readonly #options: ChosenOptions;
  readonly #seen = new NameTable();

  constructor(options: ChosenOptions) {
    this.#options = options;
  }

  batch(found: readonly Found[]): ChosenBatch {
    const files: ChosenFile[] = [];
    const refused: RefusedName[] = [];
    for (const {path, size, mtimeMs, by} of found) {
      if (this.#isNew(path)) {
        const localPath = localPathOf(path, this.#options.base);
        const reason = isPartial(path)
          ? ({code: 'protocol', reason: 'it has the name of a partial'} as const)
          : this.#options.places.take(localPath);
        if (reason === undefined) {
          files.push({remotePath: path, localPath, size, mtimeMs, chosenIn: parentOf(by.path)});
        } else {
          refused.push({name: path, ...reason});
        }
      }
    }

    return {files, refused, unsearched: [], moreUnsearched: 0};
  }

  #isNew(path: RemotePath): boolean {
    if (this.#seen.get(path) !== undefined) {
      return false;
    }

    this.#seen.set(path, 1);
    const {mostNames = defaultMostNames} = this.#options;
    if (this.#seen.size > mostNames) {
      throw new JangadaError(
        'too_large',
        `There are more than ${mostNames.toLocaleString('en')} files: select fewer at once, or use jangada mget`,
      );
    }

    return true;
  }
}

/**
 * The local path of `path` for a download from `base`: the part below `base`, or the whole path if it is not below it.
 */
export function localPathOf(path: RemotePath, base: RemotePath): string {
  return isBelow(path, base) && base !== '' ? path.slice(base.length + 1) : path;
}

/** Whether `path` is in `folder`, at any depth. */
function isBelow(path: RemotePath, folder: RemotePath): boolean {
  return folder === '' || path.startsWith(`${folder}/`);
}
