/** The files that masks match on a server: each name is checked before it is believed. */
import {isJangadaError, type WireErrorCode} from '../../../protocol/errors.ts';
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
  /** The folder that is searched. */
  readonly path: RemotePath;
  /** Whether folders that match are wanted, too. Default: files alone. */
  readonly folders?: boolean;
  /**
   * How often a search whose connection is lost is begun anew without a new name. Default:
   * never. The good-byes of servers that stop cost none of these.
   */
  readonly retries?: number;
  readonly signal: AbortSignal;
};

export type FoundEntry = {
  readonly type: 'file' | 'folder';
  readonly remotePath: RemotePath;
  /** Its path under the folder that is searched. */
  readonly name: RemotePath;
  /** Bytes, and milliseconds since 1970. */
  readonly size: number;
  readonly mtimeMs: number;
};

export type RefusedName = {
  readonly name: string;
  /** `protocol`: the server should not have named it. `exists`: another one has its place here. */
  readonly code: 'protocol' | 'exists';
  /** A part of a sentence. */
  readonly reason: string;
};

/** A file or folder that the server could not look at: files in it may be missing. */
export type UnsearchedPlace = {
  readonly remotePath: RemotePath;
  readonly code: WireErrorCode;
  /** A part of a sentence. */
  readonly reason: string;
};

export type FoundBatch = {
  readonly entries: readonly FoundEntry[];
  readonly refused: readonly RefusedName[];
  /** Only the last batch has some. */
  readonly unsearched: readonly UnsearchedPlace[];
  /** Further such places, which the server has not named. */
  readonly moreUnsearched: number;
};

/**
 * All entries that the masks match, in the server's batches. A name that is no path under the root,
 * comes twice, is a partial's or does not match is refused; the others go on. The last batch says
 * where the server could not search.
 *
 * @throws JangadaError `bad_mask`, and the errors of `Client.find`.
 */
export async function* search(
  client: Pick<Client, 'find'>,
  {masks, path, folders = false, retries = 0, signal}: SearchOptions,
): AsyncGenerator<FoundBatch> {
  const judge = new BoundedJudge(masks);
  // Of each name the search that named it last.
  const seen = new NameTable();
  let lost = 0;
  // Of the whole search, new names or not: a server that says good-bye after each name must come to an end.
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
            // A search that is begun anew names once more all that it named before.
            continue;
          }

          const remotePath = pathBelow(path, name);
          const reason =
            seenIn === run
              ? 'the server named it twice'
              : whyNotFound(name, type, remotePath, folders, judge);
          if (reason === undefined && remotePath !== undefined && type !== 'other') {
            // A part of a path is one, too.
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

function unsearchedIn(
  {count, first}: Unsearched,
  path: RemotePath,
): Pick<FoundBatch, 'unsearched' | 'moreUnsearched'> {
  // A name that is no path is counted with those that were not named.
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
      return 'it may not read it';
    case 'not_found':
    case 'not_a_folder':
      return 'it vanished meanwhile';
    case 'too_large':
      return 'it has paths over 64 parts or 4,096 bytes';
    case 'busy':
      return 'it has too many files open';
    default:
      return 'it could not be read';
  }
}

/** Why the server should not have named it, if so. */
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

/** The path of `name` in the folder at `path`; undefined if one of them is no path. */
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

/** Whether a part of `path` has the name of a partial: incomplete files are not fetched. */
export function isPartial(path: string): boolean {
  return path.includes(partialSuffix) && path.split('/').some(part => part.endsWith(partialSuffix));
}
