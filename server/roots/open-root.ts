/** Opens the root that the user names: a folder of this machine, or a bucket. */
import {availableParallelism} from 'node:os';
import process from 'node:process';
import type {Logger} from 'pino';
import {displayName} from '../../protocol/display-text.ts';
import {isJangadaError, JangadaError} from '../../protocol/errors.ts';
import {parseRemotePath, type RemotePath} from '../../protocol/remote-path.ts';
import type {Counts} from '../metrics/counts.ts';
import {BucketStore} from '../store/bucket/bucket-store.ts';
import {bucketPlace, isBucketUrl} from '../store/bucket/s3/bucket-place.ts';
import {FolderStore} from '../store/folder/folder-store.ts';
import type {Store} from '../store/store.ts';
import type {LongWork} from '../waiting/long-work.ts';
import {type FolderPlace, placeError, placeInFolder} from './place-in-folder.ts';

export type ServedRoot = {
  readonly store: Store;
  /**
   * The place of the folder at `path`.
   *
   * @throws JangadaError `not_found` if the folder certainly does not exist; `forbidden`; `busy` if the disk fails.
   */
  placeOf(path: RemotePath): FolderPlace;
  /** The store of the folder at a place. @throws JangadaError `busy` if it is no longer there, or the disk fails. */
  open(place: FolderPlace): Store;
  /** Check that the root is readable, if opening did not check it. @throws JangadaError with the reason. */
  check(): Promise<void>;
  close(): Promise<void>;
};

/** What users choose for a root. */
export type RootOptions = {
  /** The path of a folder, the URL of a bucket, or a store, which the server does not close. */
  root: string | Store;
  /** The endpoint of a bucket. Default: the one in the environment, or AWS. */
  s3Endpoint?: string | undefined;
  /** Whether a bucket keeps its digests itself. Default: true. */
  keepsDigests?: boolean;
  /** Threads that hash files of a folder. Default: the number of cores. */
  workers?: number;
};

export type RootMeans = {
  longWork: LongWork;
  /** The number of processes that share the threads. */
  processes: number;
  maskMs: number;
  /** The counter of disk stalls. */
  counts: Pick<Counts, 'diskStalls'>;
  logger: Logger;
};

/** @throws JangadaError `usage`, `not_found`, `not_a_folder`, `forbidden` if the root is certainly not usable. */
export function openRoot(options: RootOptions, means: RootMeans): ServedRoot {
  const {root} = options;
  return typeof root === 'string' && isBucketUrl(root)
    ? bucketRoot(root, options, means)
    : folderRoot(root, options, means);
}

/** @param root a path, or a store whose name is the path of its folder. */
function folderRoot(root: string | Store, options: RootOptions, means: RootMeans): ServedRoot {
  const store = typeof root === 'string' ? openFolder({path: root}, options, means) : root;
  return {
    store,
    placeOf: path => placeInFolder(store.name, path),
    open: place => openPlace(place, options, means),
    async check() {},
    async close() {
      if (store !== root) {
        await store.close();
      }
    },
  };
}

/** Open a folder below the root. */
function openPlace(place: FolderPlace, options: RootOptions, means: RootMeans): Store {
  try {
    return openFolder(place, options, means);
  } catch (error) {
    // Clients see this error: it must not have the path on this machine.
    throw isJangadaError(error, 'not_found', 'not_a_folder')
      ? new JangadaError('busy', 'The folder of this token was just replaced; try again', {
          cause: error,
        })
      : placeError(error, 'The folder of this token');
  }
}

function openFolder(
  {path, below = '', identity}: Partial<FolderPlace> & {path: string},
  {workers = availableParallelism()}: RootOptions,
  {counts, longWork, logger, maskMs, processes}: RootMeans,
): Store {
  return new FolderStore(path, {
    ...{below, identity},
    hashThreads: Math.ceil(workers / processes),
    maskMs,
    longWork,
    onSlow(ms) {
      counts.diskStalls++;
      logger.warn({ms: Math.round(ms)}, 'the disk is slow: threads read it for a while');
    },
  });
}

function bucketRoot(
  url: string,
  {keepsDigests = true, s3Endpoint}: RootOptions,
  {longWork, maskMs}: RootMeans,
): ServedRoot {
  const place = bucketPlace(url, s3Endpoint, process.env);
  const store = BucketStore.at(place, {keepsDigests, longWork, maskMs});
  return {
    store,
    // A bucket has no empty folders, so a missing folder is no error.
    placeOf: path => ({path, below: path, identity: ''}),
    open: ({below}) => store.below(parseRemotePath(below)),
    // Report a wrong name or key before the first client connects.
    check: () => store.reach().catch(error => Promise.reject(cannotServe(url, error))),
    close: () => store.close(),
  };
}

/** `error` for the user of the server, who may see its cause, unlike a client. */
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
