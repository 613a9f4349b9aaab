/** A search of all that lies below a folder. */
import {isJangadaError} from '../../../../protocol/errors.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {Client} from '../../../client/client.ts';
import {type FoundBatch, search} from '../../../transfers/download/search.ts';

export type TreeSearch = {
  /** The typed text. */
  readonly text: string;
  readonly masks: readonly string[];
};

/** Places that the server could not search. */
export type Unsearched = {
  readonly count: number;
  /** The first of these places, and the reason. */
  readonly path: RemotePath | undefined;
  readonly reason: string;
};

/** Most entries of a search that are kept; further ones are counted. */
export const mostFound = 20_000;

/**
 * Files and folders below `path` that the masks match, in the server's batches; only files if the server cannot search
 * for folders.
 *
 * @throws JangadaError as `search` does.
 */
export async function* findInTree(
  client: Pick<Client, 'find'>,
  {path, masks, signal}: {path: RemotePath; masks: readonly string[]; signal: AbortSignal},
): AsyncGenerator<FoundBatch> {
  try {
    yield* search(client, {masks, path, signal, folders: true});
  } catch (error) {
    if (!isJangadaError(error, 'unsupported')) {
      throw error;
    }

    yield* search(client, {masks, path, signal});
  }
}
