/** What a server serves, from the words of its user: a folder of this machine, or a bucket. */
import {availableParallelism} from 'node:os';
import process from 'node:process';
import type {Logger} from 'pino';
import {displayName} from '../../protocol/display-text.ts';
import {isJangadaError, JangadaError} from '../../protocol/errors.ts';
import {parseRemotePath, type RemotePath} from '../../protocol/remote-path.ts';
import {BucketStore} from '../store/bucket/bucket-store.ts';
import {bucketPlace, isBucketUrl} from '../store/bucket/s3/bucket-place.ts';
import {FolderStore} from '../store/folder/folder-store.ts';
import type {Store} from '../store/store.ts';
import {type Deadlines, defaultDeadlines} from '../waiting/deadlines.ts';
import {type FolderPlace, placeInFolder} from './place-in-folder.ts';

export type ServedRoot = {
  readonly store: Store;
  /**
   * Where the folder at `path` is.
   *
   * @throws JangadaError `not_found` if it is known that there is none.
   */
  placeOf(path: RemotePath): FolderPlace;
  /** The store of the folder at a place. */
  open(place: FolderPlace): Store;
  close(): Promise<void>;
};

export type RootOptions = {
  /** The service of a bucket; without it that of the environment, or AWS. */
  s3Endpoint?: string;
  /** Whether digests are kept in a bucket that is served. Default: true. */
  keepsDigests?: boolean;
  /** Threads that hash files of a folder; the number of cores without it. */
  workers?: number;
  deadlines?: Partial<Deadlines>;
};

/** @throws JangadaError `usage`, `not_found`, `not_a_folder`, `forbidden` and others that say why it cannot be served. */
export async function openRoot(
  root: string | Store,
  options: RootOptions,
  logger: Logger,
): Promise<ServedRoot> {
  if (typeof root !== 'string') {
    return folderRoot(root, options, logger, async () => {});
  }

  if (isBucketUrl(root)) {
    return await bucketRoot(root, options);
  }

  const store = openFolder(root, options, logger);
  return folderRoot(store, options, logger, async () => {
    await store.close();
  });
}

/** @throws JangadaError `not_found`, `not_a_folder` or `forbidden`. */
export function openFolder(
  path: string,
  options: RootOptions & {below?: string},
  logger: Logger,
): Store {
  const {below = '', deadlines, workers = availableParallelism()} = options;
  return new FolderStore(path, {
    below,
    hashThreads: workers,
    maskMs: deadlines?.maskMs ?? defaultDeadlines.maskMs,
    onSlow: ms =>
      logger.warn({ms: Math.round(ms)}, 'the disk is slow: threads read it for a while'),
  });
}

/** @param store whose name is the path of its folder. */
function folderRoot(
  store: Store,
  options: RootOptions,
  logger: Logger,
  close: () => Promise<void>,
): ServedRoot {
  return {
    store,
    placeOf: path => placeInFolder(store.name, path),
    open: ({path, below}) => openFolder(path, {...options, below}, logger),
    close,
  };
}

async function bucketRoot(url: string, options: RootOptions): Promise<ServedRoot> {
  const {deadlines, keepsDigests = true, s3Endpoint} = options;
  const store = BucketStore.at(bucketPlace(url, s3Endpoint, process.env), {
    keepsDigests,
    maskMs: deadlines?.maskMs ?? defaultDeadlines.maskMs,
  });
  try {
    // A wrong name or key is told before anybody connects.
    await store.reach();
  } catch (error) {
    await store.close();
    throw cannotServe(url, error);
  }

  return {
    store,
    // That there is nothing in it yet is no reason to refuse anybody.
    placeOf: path => ({path, below: path}),
    open: ({below}) => store.below(parseRemotePath(below)),
    close: () => store.close(),
  };
}

/** `error` for the user of the server, who may know more than a client: with what has caused it. */
function cannotServe(url: string, error: unknown): unknown {
  if (!isJangadaError(error)) {
    return error;
  }

  const {cause, code, message} = error;
  const why = cause instanceof Error ? ` (${cause.message})` : '';
  return new JangadaError(code, `'${displayName(url)}' cannot be served: ${message}${why}`, {
    cause,
  });
}
