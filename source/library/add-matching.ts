import {resolve} from 'node:path';
import {joinRemotePath, type RemotePath} from '../../protocol/remote-path.ts';
import type {CallOptions, Client} from '../client/client.ts';
import {LocalPlaces} from '../transfers/download/local-places.ts';
import {type RefusedName, searchTyped, type UnsearchedPlace} from '../transfers/download/search.ts';
import type {NewTransfer} from '../transfers/terms/new-transfer.ts';

export type MatchOptions = CallOptions &
  Pick<NewTransfer, 'folder' | 'priority'> & {
    /**
     * The folder of the server to search; files are saved under their paths below it. Default: the folder of the
     * server's address.
     */
    path?: string | undefined;
    /** What to do about files whose final names are taken. Default: `resume`. */
    onConflict?: NewTransfer['onConflict'] | undefined;
  };

export type AddedFiles = {
  readonly ids: readonly number[];
  /** Names from the server that are not fetched, each with a reason. They are not safe to show as they are. */
  readonly refused: readonly RefusedName[];
  /** Places that the server could not search, by name, and how many more there are. */
  readonly unsearched: readonly UnsearchedPlace[];
  readonly moreUnsearched: number;
};

/** How often a search begins again after its connection is lost. */
const retries = 10;

/** Search the server, and `add` the files that are found, one batch at a time. @throws as `searchTyped`. */
export async function addMatching(
  client: Client,
  masks: readonly string[],
  base: RemotePath,
  options: MatchOptions,
  add: (transfers: readonly NewTransfer[]) => number[],
): Promise<AddedFiles> {
  const {folder, onConflict = 'resume', priority, signal = new AbortController().signal} = options;
  const path = options.path === undefined ? base : joinRemotePath(base, options.path);
  const places = new LocalPlaces(resolve(folder));
  const ids: number[] = [];
  const refused: RefusedName[] = [];
  const unsearched: UnsearchedPlace[] = [];
  let moreUnsearched = 0;
  for await (const batch of searchTyped(client, {masks, path, retries, signal})) {
    refused.push(...batch.refused);
    unsearched.push(...batch.unsearched);
    moreUnsearched += batch.moreUnsearched;
    const wanted = batch.entries.filter(({name}) => {
      const reason = places.take(name);
      if (reason !== undefined) {
        refused.push({name, ...reason});
      }

      return reason === undefined;
    });
    const transfers = wanted.map(({remotePath, name, size}) => ({
      ...{remotePath, folder, localPath: name, size, onConflict, priority},
    }));
    ids.push(...add(transfers));
  }

  return {ids, refused, unsearched, moreUnsearched};
}
