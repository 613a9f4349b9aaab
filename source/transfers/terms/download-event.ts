/**
 * The events of a download while it works on a file: one union on the whole way, from the blocks of
 * the file up to the row of the queue.
 */
import type {JangadaError} from '../../../protocol/errors.ts';
import type {ExpectedRoot} from './expected-content.ts';
import type {VerifiedCopy} from './verdict.ts';

/**
 * How a transfer was done: `verified`, every block of the final file was checked against the
 * server's digests; `skipped`, something had the final name and was to be left alone.
 */
export type Outcome = 'verified' | 'skipped';

export type DownloadEvent =
  /** Size of the remote file, in bytes. */
  | {readonly type: 'size'; readonly bytes: number}
  /** The remote file is this version; `begunAnew`: blocks of another version are here. */
  | {readonly type: 'version'; readonly version: string; readonly begunAnew: boolean}
  /** Another final name was chosen in the same folder, because something has the first one. */
  | {readonly type: 'named'; readonly name: string}
  /** The file that was named as `from` is the partial now. */
  | {readonly type: 'adopted'}
  /** Bytes on disk that are hashed, of those that will be. */
  | {readonly type: 'check'; readonly checkedBytes: number; readonly totalBytes: number}
  /** Bytes taken from a seed, of those that will be. */
  | {readonly type: 'copy'; readonly copiedBytes: number; readonly totalBytes: number}
  /** There is a connection, and blocks are asked for. */
  | {readonly type: 'download'}
  | ({readonly type: 'progress'} & DownloadProgress)
  /** The connection was lost, or blocks came damaged: it begins again with the blocks on disk. */
  | {readonly type: 'lost'}
  /** The file changed on the server; it begins again after `delayMs`. */
  | {readonly type: 'changing'; readonly delayMs: number}
  /** The file cannot have its time here, and has another. Milliseconds since 1970. */
  | {
      readonly type: 'time';
      readonly wantedMs: number;
      readonly heldMs: number;
      readonly reason: string;
    }
  /** All blocks are on disk: the file is flushed and named. */
  | {readonly type: 'finish'}
  /**
   * It is over. `sha256` in hex and `root`, where they were asked for and the file is verified. `copy`: the verified
   * file, if nobody has touched it since. `arrived`: how far it is, of a small file, which arrives as a whole.
   */
  | {
      readonly type: 'done';
      readonly outcome: Outcome;
      readonly sha256?: string | undefined;
      readonly root?: ExpectedRoot | undefined;
      readonly copy?: VerifiedCopy | undefined;
      readonly arrived?: DownloadProgress | undefined;
    }
  /** A small file that cannot be fetched together with others: it needs a download of its own. */
  | {readonly type: 'leave'}
  | {readonly type: 'failed'; readonly error: JangadaError};

/** How far a file is, in bytes from its beginning to now; each at most the size of the file. */
export type DownloadProgress = {
  /** Bytes that are here: verified, or received and not verified yet. Falls when those are lost. */
  readonly receivedBytes: number;
  /** Bytes that are verified and written. */
  readonly verifiedBytes: number;
  /** Of those, bytes that were not fetched: they were there before, or were copied. */
  readonly reusedBytes: number;
  /** Of those, bytes that were copied from a seed. */
  readonly copiedBytes: number;
};

/** Bytes to show of a file on its way: bytes that have come, and all of it only once it is verified. */
export function arrivedBytes({
  receivedBytes,
  verifiedBytes,
  size,
}: Pick<DownloadProgress, 'receivedBytes' | 'verifiedBytes'> & {size: number | undefined}): number {
  return receivedBytes === size ? verifiedBytes : Math.max(receivedBytes, verifiedBytes);
}
