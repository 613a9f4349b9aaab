/** One small file that is fetched together with others, the tools for it, and its events. */
import {join} from 'node:path';
import type {DigestAlgorithm} from '../../../../protocol/block.ts';
import type {Due} from '../../../../protocol/due.ts';
import {JangadaError} from '../../../../protocol/errors.ts';
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {ReceiveBuffers} from '../../../client/connection/receive-buffers.ts';
import type {Ending} from '../../blocks/ending.ts';
import {stateOfFinished} from '../../disk/file-state.ts';
import type {OtherTime} from '../../disk/file-time.ts';
import type {Flusher} from '../../disk/flush.ts';
import type {OpenFolder} from '../../disk/folders/target-folder.ts';
import {deletePartial} from '../../disk/partial-file.ts';
import type {Checker} from '../../hashing/checker.ts';
import type {ConflictPolicy} from '../../terms/conflict-policy.ts';
import type {DownloadEvent} from '../../terms/download-event.ts';
import {localError} from '../../terms/local-error.ts';
import type {RemoteVersion, VerifiedCopy} from '../../terms/verdict.ts';

export type SmallFile = {
  remotePath: RemotePath;
  folder: OpenFolder;
  /** Final name in `folder`. */
  name: string;
  /** Announced size in bytes, at most one block. */
  size: number;
  onConflict: ConflictPolicy;
  /** The expected SHA-256, in hex. */
  sha256?: string | undefined;
  /** Set for a file that is fetched from another server than the main one. */
  agreed?: Agreed | undefined;
  /** Whether the file must still be fetched. */
  wanted(): boolean;
  /**
   * Called with `progress` while a large file arrives, `finish` before it is renamed, and then one of `done`, `leave`
   * and `failed`.
   */
  tell(event: DownloadEvent): void;
};

type Agreed = {
  /** The version that the main server has. */
  readonly version: string;
  /** Called if the other server does not have that version. Then there are no other events for the file. */
  missed(reason: JangadaError): void;
};

export type SmallFileTools = {
  blocks: ReceiveBuffers;
  checker: Checker;
  flusher: Flusher;
  algorithm: DigestAlgorithm;
  /** Whether to compute the SHA-256 of each file. */
  checksums: boolean;
  /** Whether to report the state of each finished file, which costs a lookup. */
  states?: boolean | undefined;
  /** Once the ending has begun, nothing more is requested. Received files are flushed and renamed. */
  ending: Ending;
};

/** Callbacks by which the answer for one file lets the next requests follow. */
export type Turn = {
  /** When to report bytes that are not verified yet. */
  due: Due;
  /** `file` was requested. `begins`: with a request of its own, or as the first file of a common request. */
  asked(file: SmallFile, how: {begins: boolean}): void;
  /** Files with this sum of `costOf` have arrived, and the same answer continues. */
  came(cost: number): void;
  /** An answer is complete; its last files have this sum of `costOf`. */
  settle(cost: number): void;
  /** There was no descriptor for the file: request it once more. */
  again(file: SmallFile): void;
  /** The connection cannot be used any more. */
  reject(error: JangadaError): void;
};

/** Bytes that each file counts in addition to its own, because many empty files take time too. */
const costOfAny = 512;

/** The number of outstanding bytes that a file counts as. */
export function costOf({size}: SmallFile): number {
  return size + costOfAny;
}

/** Absolute path of the final name, to be shown to the user. */
export function pathOf({folder, name}: SmallFile): string {
  return join(folder.path, name);
}

/** The file has its final name and is verified. `reusedBytes`: how many of its bytes were here before. */
export function tellDone(
  file: SmallFile,
  reusedBytes: number,
  sha256: string | undefined,
  copy: VerifiedCopy | undefined,
): void {
  const {size} = file;
  const arrived = {receivedBytes: size, verifiedBytes: size, reusedBytes, copiedBytes: 0};
  file.tell({type: 'done', outcome: 'verified', sha256, copy, arrived});
}

/** The verified and renamed `file` as a copy of `remote`; see `stateOfFinished`. */
export function copyOf({folder, name}: SmallFile, remote: RemoteVersion): VerifiedCopy | undefined {
  const state = stateOfFinished(folder, name, remote);
  return state === undefined ? undefined : {state, remote};
}

/** `receivedBytes` of the file have arrived; none is verified yet. */
export function tellReceived(file: SmallFile, receivedBytes: number): void {
  file.tell({type: 'progress', receivedBytes, verifiedBytes: 0, reusedBytes: 0, copiedBytes: 0});
}

/** Report that the file has the time `other` instead of `wantedMs`; undefined: it has the right time. */
export function tellOtherTime(
  file: SmallFile,
  wantedMs: number,
  other: OtherTime | undefined,
): void {
  if (other !== undefined) {
    file.tell({type: 'time', wantedMs, ...other});
  }
}

/** Whether the server has another version of `file` than agreed. If so, calls `missed`. */
export function isOther(file: SmallFile, version: string | undefined): boolean {
  const {agreed} = file;
  if (agreed === undefined || agreed.version === version) {
    return false;
  }

  agreed.missed(new JangadaError('changed', 'The server has another version of the file'));
  return true;
}

/** The server's file differs from its announcement; `error` is the reason, if known. */
export function leaveOrMiss(file: SmallFile, error?: JangadaError): void {
  if (file.agreed === undefined) {
    leave(file);
  } else {
    file.agreed.missed(
      error ?? new JangadaError('changed', 'The server has another version of the file'),
    );
  }
}

/** The file cannot be fetched together with others. */
export function leave(file: SmallFile): void {
  file.tell({type: 'leave'});
}

/** The file cannot be fetched because of `error`. */
export function fail(file: SmallFile, error: unknown): void {
  file.tell({type: 'failed', error: localError(error, pathOf(file))});
}

/**
 * Remove the partial of a file whose flush has failed, if `isOurs`: its bytes may not be on the disk, though the system
 * still shows them, so another attempt must begin anew.
 */
export function removeUnflushed({folder, name}: SmallFile, isOurs: () => boolean): void {
  try {
    if (isOurs()) {
      deletePartial(folder, name);
    }
  } catch {
    // The disk has failed, and the file fails with its first error.
  }
}
