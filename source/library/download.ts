/** `download`: one file, from an address to a path on the disk. */
import {basename, dirname, resolve} from 'node:path';
import {displayName} from '../../protocol/display-text.ts';
import {aborted, JangadaError, throwIfAborted} from '../../protocol/errors.ts';
import {isNothingHere} from '../transfers/download/here/nothing-here.ts';
import {
  bytesHere,
  type ConflictPolicy,
  Queue,
  type TransferSnapshot,
} from '../transfers/queue/queue.ts';
import {
  type ExpectedContent,
  formatExpectedContent,
  parseExpectedContent,
} from '../transfers/terms/expected-content.ts';
import {isSettled, type TransferState, waitsForRoom} from '../transfers/terms/transfer-state.ts';
import {withReason} from './abort-reason.ts';
import {Reached, type Server} from './reach.ts';
import {lendLocks} from './shared-locks.ts';

export type DownloadOptions = {
  /** The server for the path in `remote`. Default: `remote` is a whole address. */
  server?: Server | undefined;
  /** Aborting it ends the download with `aborted`. Received blocks stay, and the next download continues with them. */
  signal?: AbortSignal | undefined;
  /** Called four times a second, at each change of the state, and once at the end. */
  onProgress?: ((progress: DownloadProgress) => void) | undefined;
  /**
   * `sha256:HEX` or `root:ALGORITHM:HEX`: the expected content. A file with any other content gets no name, and the
   * download fails with `unexpected`.
   */
  expect?: string | ExpectedContent | undefined;
  /** What to do about a local file that exists. Default: `resume`, which keeps its equal blocks. */
  onConflict?: ConflictPolicy | undefined;
  /** Whether to compute the SHA-256 of the file while it arrives. Default: false. */
  checksums?: boolean | undefined;
  /** An unfinished file of another tool: it becomes the partial, and is continued. */
  from?: string | undefined;
  /** A file that may share blocks with the remote one: equal blocks are copied. */
  seed?: string | undefined;
};

export type DownloadProgress = {
  /** Bytes of the file that are on the disk. */
  readonly doneBytes: number;
  /** Bytes of the file; undefined until the server has told the size. */
  readonly totalBytes: number | undefined;
  /** Moving average of the work under way: fetching, hashing or copying. */
  readonly bytesPerSecond: number;
  readonly state: TransferState['name'];
};

export type Downloaded = {
  /** Absolute path of the file; with `rename` it may differ from the requested path. */
  readonly file: string;
  /**
   * `fetched`: some blocks came from the server; `here`: the whole file was on the disk and equal to the server's, so
   * nothing was fetched; `skipped`: a local file was left unchanged.
   */
  readonly outcome: 'fetched' | 'here' | 'skipped';
  /** Bytes of the file on the server. */
  readonly bytes: number;
  /** Bytes of the file that came from the server. */
  readonly fetchedBytes: number;
  /** `root:ALGORITHM:HEX`, in the form of `expect`; undefined if the file was skipped. */
  readonly root: string | undefined;
  /** In hexadecimal digits, with `checksums`, or if a SHA-256 was expected. */
  readonly sha256: string | undefined;
};

/**
 * Download one file. It gets its name only once every block and the root digest are checked and the file is on the
 * disk; until then it is `NAME.jangada-part`, which the next download continues.
 *
 * @param remote `jangada://HOST:PORT/PATH` and the like; with a `server` only the path.
 * @param local path of the file to write; missing folders are made.
 * @throws JangadaError `usage`, `unreachable`, `not_found`, `not_a_file`, `exists`, `unexpected`, `no_space`,
 * `local_io`, `locked`, `connection_lost`, `aborted`, and the others of the list in docs/library.md.
 */
export async function download(
  remote: string,
  local: string,
  options: DownloadOptions = {},
): Promise<Downloaded> {
  return await withReason(options.signal, () => save(remote, local, options));
}

async function save(remote: string, local: string, options: DownloadOptions): Promise<Downloaded> {
  const {signal, checksums, onConflict = 'resume', from, seed} = options;
  throwIfAborted(signal);
  const expect =
    typeof options.expect === 'string' ? parseExpectedContent(options.expect) : options.expect;
  const target = targetIn(local);
  using _held = hold(target);
  await using reached = new Reached(remote, options.server);
  const {client, path: remotePath, isOwn} = reached;
  const isPlain = (from ?? seed ?? expect) === undefined;
  if (isOwn && isPlain && isNothingHere(target)) {
    await client.hello({ahead: remotePath, signal});
  }

  // Only the locks of the user's queue are used, to keep other programs away from this path; its rows stay unchanged.
  using lent = lendLocks();
  await using queue = new Queue({client, locks: lent.locks, checksums, roots: true});
  const [id = 0] = queue.add([
    {
      ...{remotePath, folder: dirname(target), localPath: basename(target)},
      ...{onConflict, from, seed, expect},
    },
  ]);
  return resultOf(await settled(queue, id, options));
}

/** @throws JangadaError `usage`. */
function targetIn(local: string): string {
  if (local === '' || /[/\\]$/.test(local)) {
    throw new JangadaError(
      'usage',
      `'${displayName(local)}' names a folder: give the path of a file`,
    );
  }

  return resolve(local);
}

/** Paths that downloads of this process save to: the locks in the database do not tell them apart. */
const held = new Set<string>();

/** @throws JangadaError `locked`. */
function hold(target: string): Disposable {
  if (held.has(target)) {
    throw new JangadaError(
      'locked',
      `Another download here saves to ${displayName(target)}: try again when it has ended`,
    );
  }

  held.add(target);
  return {[Symbol.dispose]: () => held.delete(target)};
}

/** The transfer once it is over, however it ends. @throws JangadaError `aborted`; errors of `onProgress`. */
async function settled(
  queue: Queue,
  id: number,
  {signal, onProgress}: DownloadOptions,
): Promise<TransferSnapshot> {
  const {promise, resolve, reject} = Promise.withResolvers<TransferSnapshot>();
  const look = () => {
    const transfer = queue.transfer(id);
    if (transfer === undefined) {
      return;
    }

    if (waitsForRoom(transfer.state)) {
      // A single download fails instead of waiting for room on the disk.
      queue.giveUpWaiting();
      return;
    }

    try {
      onProgress?.(progressOf(transfer));
    } catch (error) {
      reject(error);
    }

    if (isSettled(transfer.state)) {
      resolve(transfer);
    }
  };
  const onAbort = () => reject(aborted(undefined, {cause: signal?.reason}));
  const forget = queue.subscribe(look);
  signal?.addEventListener('abort', onAbort, {once: true});
  try {
    if (signal?.aborted) {
      onAbort();
    }

    return await promise;
  } finally {
    signal?.removeEventListener('abort', onAbort);
    forget();
  }
}

function progressOf(transfer: TransferSnapshot): DownloadProgress {
  const {size: totalBytes, bytesPerSecond, state} = transfer;
  return {doneBytes: bytesHere(transfer), totalBytes, bytesPerSecond, state: state.name};
}

/** @throws JangadaError the reason why the transfer failed. */
function resultOf({state, target, size, reusedBytes}: TransferSnapshot): Downloaded {
  if (state.name !== 'done') {
    throw state.name === 'failed' ? new JangadaError(state.code, state.reason) : aborted();
  }

  const bytes = size ?? 0;
  const isSkipped = state.outcome === 'skipped';
  const fetchedBytes = isSkipped ? 0 : bytes - reusedBytes;
  return {
    file: target,
    outcome: isSkipped ? 'skipped' : fetchedBytes === 0 ? 'here' : 'fetched',
    ...{bytes, fetchedBytes},
    root: state.root && formatExpectedContent(state.root),
    sha256: state.sha256,
  };
}
