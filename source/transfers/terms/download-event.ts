/**
 * The events of a download while it works on a file: one union for the whole way, from the blocks of the file up to the
 * row of the queue.
 */
import type {JangadaError} from '../../../protocol/errors.ts';
import type {ExpectedRoot} from './expected-content.ts';
import type {VerifiedCopy} from './verdict.ts';

/**
 * How a transfer was done. `verified`: every block of the final file was checked against the server's digests.
 * `skipped`: the final name was taken, and the file had to stay as it was.
 */
export type Outcome = 'verified' | 'skipped';

export type DownloadEvent =
  /** Size of the remote file, in bytes. */
  | {readonly type: 'size'; readonly bytes: number}
  /** The version of the remote file. `begunAnew`: blocks of another version are on disk. */
  | {readonly type: 'version'; readonly version: string; readonly begunAnew: boolean}
  /** Another final name in the same folder was chosen, because the first one is taken. */
  | {readonly type: 'named'; readonly name: string}
  /** The file given as `from` is the partial now. */
  | {readonly type: 'adopted'}
  /** Hashed bytes of the local file, and bytes to hash. */
  | {readonly type: 'check'; readonly checkedBytes: number; readonly totalBytes: number}
  /** Bytes copied from a seed, and bytes to copy. */
  | {readonly type: 'copy'; readonly copiedBytes: number; readonly totalBytes: number}
  /** There is a connection, and blocks are being requested. */
  | {readonly type: 'download'}
  | ({readonly type: 'progress'} & DownloadProgress)
  /** The connection was lost, or blocks arrived damaged: the download begins again with the blocks on disk. */
  | {readonly type: 'lost'}
  /** The file changed on the server; the download begins again after `delayMs`. */
  | {readonly type: 'changing'; readonly delayMs: number}
  /** The right time cannot be set here, and the file has another one. Milliseconds since 1970. */
  | {
      readonly type: 'time';
      readonly wantedMs: number;
      readonly heldMs: number;
      readonly reason: string;
    }
  /** All blocks are on disk: the file is being flushed and renamed. */
  | {readonly type: 'finish'}
  /**
   * The download has ended. `sha256` (hex) and `root`: set if requested and the file is verified. `copy`: the verified
   * file, if it was not changed since. `arrived`: the progress of a small file, which arrives as a whole.
   */
  | {
      readonly type: 'done';
      readonly outcome: Outcome;
      readonly sha256?: string | undefined;
      readonly root?: ExpectedRoot | undefined;
      readonly copy?: VerifiedCopy | undefined;
      readonly arrived?: DownloadProgress | undefined;
    }
  /** A small file that cannot be fetched together with others: it needs a separate download. */
  | {readonly type: 'leave'}
  | {readonly type: 'failed'; readonly error: JangadaError};

/** The progress of a file in bytes; each number is at most the size of the file. */
export type DownloadProgress = {
  /** Bytes that are here: verified, or received and not yet verified. Falls when received bytes are lost. */
  readonly receivedBytes: number;
  /** Bytes that are verified and on disk. */
  readonly verifiedBytes: number;
  /** How many of the verified bytes were not fetched: they were on disk before, or were copied. */
  readonly reusedBytes: number;
  /** How many of the reused bytes were copied from a seed. */
  readonly copiedBytes: number;
};

/** Bytes to show for a file that is being downloaded: received bytes; but the full size only once it is verified. */
export function arrivedBytes({
  receivedBytes,
  verifiedBytes,
  size,
}: Pick<DownloadProgress, 'receivedBytes' | 'verifiedBytes'> & {size: number | undefined}): number {
  return receivedBytes === size ? verifiedBytes : Math.max(receivedBytes, verifiedBytes);
}
