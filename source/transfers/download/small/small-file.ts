/** One small file that is fetched together with others, its tools, and the events that it is told. */
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
import type {Checker} from '../../hashing/checker.ts';
import type {ConflictPolicy} from '../../terms/conflict-policy.ts';
import type {DownloadEvent} from '../../terms/download-event.ts';
import {localError} from '../../terms/local-error.ts';
import type {RemoteVersion, VerifiedCopy} from '../../terms/verdict.ts';

export type SmallFile = {
  remotePath: RemotePath;
  folder: OpenFolder;
  /** Final name in that folder. */
  name: string;
  /** Bytes as announced, at most one block. */
  size: number;
  onConflict: ConflictPolicy;
  /** The SHA-256 that it has to have, in hex. */
  sha256?: string | undefined;
  /** Of a file that comes from another server than the main one. */
  agreed?: Agreed | undefined;
  /** Whether it is still to be fetched. */
  wanted(): boolean;
  /** Told `progress` while a large one comes, `finish` before it gets its name, and then one of `done`, `leave` and `failed`. */
  tell(event: DownloadEvent): void;
};

type Agreed = {
  /** The version that the main server has. */
  readonly version: string;
  /** The other server does not have it: nothing else is told of the file then. */
  missed(reason: JangadaError): void;
};

export type SmallFileTools = {
  blocks: ReceiveBuffers;
  checker: Checker;
  flusher: Flusher;
  algorithm: DigestAlgorithm;
  /** Whether to compute the SHA-256 of each. */
  checksums: boolean;
  /** Whether the state of each is told when it is done, which costs a look. */
  states?: boolean | undefined;
  /** Once it has begun, nothing more is asked for; files that have come are flushed and named. */
  ending: Ending;
};

/** How the answer for one file goes on to the next. */
export type Turn = {
  /** When to tell of bytes that are not verified yet. */
  due: Due;
  /** `file` is asked for; `begins`: with a request of its own, or the first of one for many. */
  asked(file: SmallFile, how: {begins: boolean}): void;
  /** Files of that `costOf` have come, and more of the same answer is to come. */
  came(cost: number): void;
  /** An answer is complete, the rest of it for files of that `costOf`. */
  settle(cost: number): void;
  /** There was no descriptor for the file: ask for it once more. */
  again(file: SmallFile): void;
  /** The connection is of no use any more. */
  reject(error: JangadaError): void;
};

/** Bytes that a file counts beside its own: many empty ones take their time, too. */
const costOfAny = 512;

/** Of how many bytes under way a file counts. */
export function costOf({size}: SmallFile): number {
  return size + costOfAny;
}

/** Absolute path of the final name, for people. */
export function pathOf({folder, name}: SmallFile): string {
  return join(folder.path, name);
}

/** The file has its final name and is verified. `reusedBytes`: of them, those that were there before. */
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

/** `file`, which is verified and has its final name, as a copy of `remote`; see `stateOfFinished`. */
export function copyOf({folder, name}: SmallFile, remote: RemoteVersion): VerifiedCopy | undefined {
  const state = stateOfFinished(folder, name, remote);
  return state === undefined ? undefined : {state, remote};
}

/** `receivedBytes` of the file have come, and none is verified yet. */
export function tellReceived(file: SmallFile, receivedBytes: number): void {
  file.tell({type: 'progress', receivedBytes, verifiedBytes: 0, reusedBytes: 0, copiedBytes: 0});
}

/** The file should have the time `wantedMs`, and has `other`; undefined: it has the right one. */
export function tellOtherTime(
  file: SmallFile,
  wantedMs: number,
  other: OtherTime | undefined,
): void {
  if (other !== undefined) {
    file.tell({type: 'time', wantedMs, ...other});
  }
}

/** Whether the server has another version of `file` than was agreed, which is told then. */
export function isOther(file: SmallFile, version: string | undefined): boolean {
  const {agreed} = file;
  if (agreed === undefined || agreed.version === version) {
    return false;
  }

  agreed.missed(new JangadaError('changed', 'The file is another version there'));
  return true;
}

/** The server did not send `file` as it was announced, because of `error` if that is known. */
export function leaveOrMiss(file: SmallFile, error?: JangadaError): void {
  if (file.agreed === undefined) {
    leave(file);
  } else {
    file.agreed.missed(error ?? new JangadaError('changed', 'The file is another one there'));
  }
}

/** The file cannot be fetched together with others. */
export function leave(file: SmallFile): void {
  file.tell({type: 'leave'});
}

/** The file cannot be fetched; `error` says why. */
export function fail(file: SmallFile, error: unknown): void {
  file.tell({type: 'failed', error: localError(error, pathOf(file))});
}
