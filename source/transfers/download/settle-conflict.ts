/** Decides about a download whose final name is taken. */
import {join} from 'node:path';
import {JangadaError} from '../../../protocol/errors.ts';
import {timeToleranceMs} from '../disk/file-time.ts';
import type {OpenFolder} from '../disk/folders/target-folder.ts';
import {isInUse} from '../disk/in-use.ts';
import {numberedName, partialName} from '../disk/local-name.ts';
import {lookAt} from '../disk/look-at.ts';
import type {ConflictPolicy} from '../terms/conflict-policy.ts';

/**
 * Check the final name, without changing anything.
 *
 * @param remoteMtimeMs time of the server's file, in milliseconds since 1970.
 * @throws JangadaError `exists`, `unsafe_target` if a folder, a link or a device has the name.
 */
export function settleConflict(
  {folder, name, onConflict}: {folder: OpenFolder; name: string; onConflict: ConflictPolicy},
  remoteMtimeMs: number,
): 'go on' | 'skip' | 'rename' {
  const found = lookAt(folder, name);
  if (found.kind === 'nothing') {
    return 'go on';
  }

  if (onConflict === 'skip' || onConflict === 'rename') {
    return onConflict;
  }

  if (found.kind === 'other') {
    throw new JangadaError(
      'unsafe_target',
      `${join(folder.path, name)} is a folder, a link or a device, and is never replaced: remove it, or save somewhere else`,
    );
  }

  if (onConflict === 'newer') {
    return isNewer(remoteMtimeMs, found.stats.mtimeMs) ? 'go on' : 'skip';
  }

  if (onConflict === 'fail') {
    throw new JangadaError('exists', `${join(folder.path, name)} exists already`);
  }

  return 'go on';
}

/**
 * Whether a file with the first time is newer than one with the second, in milliseconds since 1970: by more than two
 * seconds, because a downloaded file has the server's time only as exactly as the file system stores it.
 */
export function isNewer(mtimeMs: number, otherMtimeMs: number): boolean {
  return mtimeMs > otherMtimeMs + timeToleranceMs;
}

/** Whether there is a file with the name, the size and the time of the remote file. */
export function looksLike(
  folder: OpenFolder,
  name: string,
  remote: {size: number; mtimeMs: number},
): boolean {
  const found = lookAt(folder, name);
  return (
    found.kind === 'file' &&
    found.stats.size === remote.size &&
    !isNewer(found.stats.mtimeMs, remote.mtimeMs) &&
    !isNewer(remote.mtimeMs, found.stats.mtimeMs)
  );
}

/** `name (2).ext`, or with the first number that is free and that no other transfer here writes. */
export function freeName(folder: OpenFolder, name: string): string {
  for (let number = 2; ; number++) {
    const candidate = numberedName(name, number);
    const partial = lookAt(folder, partialName(candidate));
    const isWritten = partial.kind === 'file' && isInUse(partial.stats);
    if (!isWritten && lookAt(folder, candidate).kind === 'nothing') {
      return candidate;
    }
  }
}
