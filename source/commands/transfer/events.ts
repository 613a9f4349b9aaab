/**
 * The lines of `--json` of the downloading commands: one object a line, each with `event`. docs/commands.md documents
 * the fields; they must not change.
 */
import type {ErrorCode} from '../../../protocol/errors.ts';
import {pathToWire} from '../../../protocol/remote-path.ts';
import type {TransferSnapshot} from '../../transfers/queue/queue.ts';
import type {FolderHere} from './folder-here.ts';
import type {Tally} from './tally.ts';

export function progressEvent(row: TransferSnapshot): string {
  const {remotePath, target, state, size} = row;
  const {receivedBytes, verifiedBytes, reusedBytes, copiedBytes} = row;
  return line({
    event: 'progress',
    path: pathToWire(remotePath),
    target,
    state: state.name,
    ...(state.name === 'checking' ? {checkedBytes: state.checkedBytes} : {}),
    size,
    receivedBytes,
    verifiedBytes,
    reusedBytes,
    copiedBytes,
    bytesPerSecond: Math.round(row.bytesPerSecond),
  });
}

export function doneEvent(row: TransferSnapshot): string {
  const {remotePath, target, size, verifiedBytes, reusedBytes, copiedBytes, begunAnew, state} = row;
  return line({
    event: 'done',
    path: pathToWire(remotePath),
    target,
    size: size ?? verifiedBytes,
    reusedBytes,
    copiedBytes,
    ...(begunAnew ? {changed: true} : {}),
    // JSON leaves the field out if the SHA-256 was not computed.
    sha256: state.name === 'done' ? state.sha256 : undefined,
  });
}

/** A folder that was made. */
export function folderEvent({remotePath, target}: FolderHere): string {
  return line({event: 'folder', path: pathToWire(remotePath), target});
}

export function failedEvent(path: string, code: ErrorCode, message: string): string {
  return line({event: 'failed', path: pathToWire(path), code, message});
}

/** The error that ended the command early. */
export function errorEvent(code: ErrorCode, message: string): string {
  return line({event: 'error', code, message});
}

export function skippedEvent(path: string, target: string): string {
  return line({event: 'skipped', path: pathToWire(path), target});
}

/** The summary, for the last event. */
export function endFields(tally: Tally, elapsedMs: number, interrupted: boolean): object {
  return {
    files: tally.done,
    ...(tally.folders ? {folders: tally.madeFolders} : {}),
    bytes: tally.doneBytes,
    reusedBytes: tally.reusedBytes,
    copiedBytes: tally.copiedBytes,
    failed: tally.failed,
    skipped: tally.skipped,
    elapsedMs: Math.round(elapsedMs),
    interrupted,
  };
}

function line(event: object): string {
  return `${JSON.stringify(event)}\n`;
}
