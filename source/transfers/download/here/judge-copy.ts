/** Judges the local copy of a remote file, from a look at the disk and the verdict of an earlier comparison. */
import type {RemoteVersion, Verdict} from '../../terms/verdict.ts';
import {isNewer} from '../settle-conflict.ts';
import type {CopyLook, LocalFile} from './copy-look.ts';

/**
 * `same`, `differs`: every block was compared, and neither file was changed since; `differs` also if the times are
 * equal and the sizes are not. `alike`: size and time are equal, and no byte was compared. `older`, `newer`: the time
 * of the copy is different.
 */
export type CopyJudgement =
  | {readonly name: 'nothing' | 'same' | 'differs' | 'alike' | 'older' | 'newer'}
  /** `part`: how much of the remote file is here, from 0 to 1, estimated from the size of the partial. */
  | {readonly name: 'partial'; readonly part: number};

/** A listing rounds a time to the precision of a JavaScript number: two microseconds at most. */
const roundedMs = 0.002;

type Remote = Pick<RemoteVersion, 'size' | 'mtimeMs'>;

export function judgeCopy(
  {copy, partial}: CopyLook,
  verdict: Verdict | undefined,
  remote: Remote,
): CopyJudgement {
  if (copy === undefined) {
    const part = partial === undefined ? 0 : Math.min(partial.allocated, partial.size, remote.size);
    return partial === undefined
      ? {name: 'nothing'}
      : {name: 'partial', part: remote.size === 0 ? 0 : part / remote.size};
  }

  if (verdict !== undefined && holds(verdict, copy, remote)) {
    return {name: verdict.equal ? 'same' : 'differs'};
  }

  if (isNewer(remote.mtimeMs, copy.mtimeMs)) {
    return {name: 'older'};
  }

  if (isNewer(copy.mtimeMs, remote.mtimeMs)) {
    return {name: 'newer'};
  }

  return {name: copy.size === remote.size ? 'alike' : 'differs'};
}

/** Whether both files are unchanged since they were compared. */
export function holds(
  verdict: Verdict,
  {state}: Pick<LocalFile, 'state'>,
  {size, mtimeMs}: Remote,
): boolean {
  return (
    verdict.state === state &&
    verdict.remote.size === size &&
    Math.abs(verdict.remote.mtimeMs - mtimeMs) <= roundedMs
  );
}
