/** Finds the files on a server that match masks. Each name is checked before it is trusted. */
import {isJangadaError, type WireErrorCode} from '../../../protocol/errors.ts';
import {namesFirst} from '../../../protocol/masks/literal-masks.ts';
import type {Entry, Unsearched} from '../../../protocol/messages.ts';
import {
  isRemotePath,
  joinRemotePath,
  partialSuffix,
  type RemotePath,
} from '../../../protocol/remote-path.ts';
import type {Client} from '../../client/client.ts';
import {GoodByes} from '../../client/connection/server-leaving.ts';
import {NameTable} from '../hashing/name-table.ts';
import {BoundedJudge} from './bounded-judge.ts';

export type SearchOptions = {
  readonly masks: readonly string[];
  /** The folder to search. */
  readonly path: RemotePath;
  /** Whether to find matching folders too. Default: only files. */
  readonly folders?: boolean;
  /**
   * How often in a row a search that lost its connection without finding a new name is begun again. Default: never.
   * Good-byes of servers that stop do not count.
   */
  readonly retries?: number;
  readonly signal: AbortSignal;
};

export type FoundEntry = {
  readonly type: 'file' | 'folder';
  readonly remotePath: RemotePath;
  /** Its path relative to the searched folder. */
  readonly name: RemotePath;
  /** `size` in bytes, `mtimeMs` in milliseconds since 1970. */
  readonly size: number;
  readonly mtimeMs: number;
};

export type RefusedName = {
  readonly name: string;
  /** `protocol`: the server should not have sent the name. `exists`: another file has its place here. */
  readonly code: 'protocol' | 'exists';
  /** A part of a sentence. */
  readonly reason: string;
};

/** A file or folder that the server could not look at. Files in it may be missing from the result. */
export type UnsearchedPlace = {
  readonly remotePath: RemotePath;
  readonly code: WireErrorCode;
  /** A part of a sentence. */
  readonly reason: string;
};

export type FoundBatch = {
  readonly entries: readonly FoundEntry[];
  readonly refused: readonly RefusedName[];
  /** Set only in the last batch. */
  readonly unsearched: readonly UnsearchedPlace[];
  /** Number of further such places, which the server did not name. */
  readonly moreUnsearched: number;
};

/**
 * All entries that match the masks, in the server's batches. A name is refused if it is not a path under the root,
 * comes twice, is the name of a partial, or does not match; the other entries are not affected. The last batch lists
 * the places that the server could not search.
 *
 * @throws JangadaError `bad_mask`, and the errors of `Client.find`.
 */
export async function* search(
  client: Pick<Client, 'find'>,
  {masks, path, folders = false, retries = 0, signal}: SearchOptions,
): AsyncGenerator<FoundBatch> {
  const judge = new BoundedJudge(masks);
  // For each name, the number of the search that sent it last.
  const seen = new NameTable();
  let lost = 0;
  // Counted over the whole search, even with new names: a server that says good-bye after each name must not run for
  // ever.
  const goodByes = new GoodByes();
  for (let run = 1; ; run++) {
    const known = seen.size;
    let places: Unsearched = {count: 0, first: []};
    const onUnsearched = (unsearched: Unsearched) => {
      places = unsearched;
    };
    try {
      for await (const batch of client.find(masks, {path, folders, signal, onUnsearched})) {
        const entries: FoundEntry[] = [];
        const refused: RefusedName[] = [];
        for (const {name, type, size, mtimeMs} of batch) {
          const seenIn = seen.set(name, run);
          if (seenIn !== undefined && seenIn < run) {
            // A repeated search sends all earlier names again.
            continue;
          }

          const remotePath = pathBelow(path, name);
          const reason =
            seenIn === run
              ? 'the server named it twice'
              : whyNotFound(name, type, remotePath, folders, judge);
          if (reason === undefined && remotePath !== undefined && type !== 'other') {
            // The last part of a valid path is a valid path.
            entries.push({name: name as RemotePath, type, remotePath, size, mtimeMs});
          } else if (reason !== undefined) {
            refused.push({name, code: 'protocol', reason});
          }
        }

        yield {entries, refused, unsearched: [], moreUnsearched: 0};
      }

      if (places.count > 0) {
        yield {entries: [], refused: [], ...unsearchedIn(places, path)};
      }

      return;
    } catch (error) {
      if (goodByes.costsNothing(error)) {
        continue;
      }

      lost = seen.size > known ? 1 : lost + 1;
      if (!isJangadaError(error, 'connection_lost') || lost > retries) {
        throw error;
      }
    }
  }
}

/**
 * As `search`, for masks that somebody has typed: a mask, or a leading part of it, that is the exact name of something
 * means only that.
 *
 * @throws JangadaError as `search`, and the errors of `Client.stat`.
 */
export async function* searchTyped(
  client: Pick<Client, 'find' | 'stat'>,
  options: SearchOptions,
): AsyncGenerator<FoundBatch> {
  const {path, signal} = options;
  const isThere = async (name: RemotePath) => {
    const whole = pathBelow(path, name);
    return whole !== undefined && (await exists(client, whole, signal));
  };
  yield* search(client, {...options, masks: await namesFirst(options.masks, isThere)});
}

async function exists(
  client: Pick<Client, 'stat'>,
  path: RemotePath,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await client.stat(path, {signal});
    return true;
  } catch (error) {
    if (isJangadaError(error, 'not_found', 'forbidden')) {
      return false;
    }

    throw error;
  }
}

function unsearchedIn(
  {count, first}: Unsearched,
  path: RemotePath,
): Pick<FoundBatch, 'unsearched' | 'moreUnsearched'> {
  // Invalid names are counted with the places that the server did not name.
  const unsearched = first
    .filter(({name}) => name === '' || pathBelow(path, name) !== undefined)
    .map(({name, code}) => ({
      remotePath: name === '' ? path : joinRemotePath(path, name),
      code,
      reason: `the server could not search it: ${whyUnsearched(code)}`,
    }));
  return {unsearched, moreUnsearched: Math.max(count, first.length) - unsearched.length};
}

function whyUnsearched(code: WireErrorCode): string {
  switch (code) {
    case 'forbidden':
      return 'the server may not read it';
    case 'not_found':
    case 'not_a_folder':
      return 'it was removed meanwhile';
    case 'too_large':
      return 'it has paths of more than 64 parts or 4,096 bytes';
    case 'busy':
      return 'the server has too many files open';
    default:
      return 'it could not be read';
  }
}

/** Why the server should not have sent the name; undefined if it may. */
function whyNotFound(
  name: string,
  type: Entry['type'],
  remotePath: RemotePath | undefined,
  folders: boolean,
  judge: BoundedJudge,
): string | undefined {
  if (remotePath === undefined || !(type === 'file' || (type === 'folder' && folders))) {
    return `the server named it, but it is no ${folders ? 'file or folder' : 'file'} under the root`;
  }

  if (isPartial(name)) {
    return 'the server named it, but it has the name of a partial';
  }

  return judge.matches(name, type) ? undefined : 'the server named it, but it matches no mask';
}

/** The path of `name` in the folder at `path`; undefined if the result is not a valid path. */
function pathBelow(path: RemotePath, name: string): RemotePath | undefined {
  if (name === '' || !isRemotePath(name)) {
    return undefined;
  }

  if (path === '') {
    return name;
  }

  const whole = `${path}/${name}`;
  return isRemotePath(whole) ? whole : undefined;
}

/** Whether a part of `path` has the name of a partial. Incomplete files are not fetched. */
export function isPartial(path: string): boolean {
  return path.includes(partialSuffix) && path.split('/').some(part => part.endsWith(partialSuffix));
}
