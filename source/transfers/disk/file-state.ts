/** Checks whether local files that were verified a moment ago are still unchanged. */
import {closeSync, fstatSync, lstatSync} from 'node:fs';
import {mtimeMsOf, stateOf} from '../terms/file-state.ts';
import {isOtherTime, type OtherTime, setTime} from './file-time.ts';
import type {OpenFolder} from './folders/target-folder.ts';
import {openForReading} from './look-at.ts';

/**
 * Set the time of the complete file `name` to `mtimeMs`, if it has another one and the file is unchanged since it was
 * in the state `then`.
 *
 * @returns the time that the file has instead, if `mtimeMs` cannot be set.
 * @throws JangadaError `local_io`, `unsafe_target`; the system's error.
 */
export function mendTime(
  folder: OpenFolder,
  name: string,
  then: {state: string; mtimeMs: number},
  mtimeMs: number,
): OtherTime | undefined {
  if (!isOtherTime(then.mtimeMs, mtimeMs)) {
    return undefined;
  }

  const fd = openForReading(folder, name);
  try {
    return stateOf(fstatSync(fd, {bigint: true})) === then.state ? setTime(fd, mtimeMs) : undefined;
  } finally {
    closeSync(fd);
  }
}

/**
 * The state of the file `name`, which was written and verified a moment ago.
 *
 * @param expected size in bytes and time in milliseconds that it got then: any later write changes its time.
 * @returns undefined if it is another file by now, or if its time could not be set.
 */
export function stateOfFinished(
  folder: OpenFolder,
  name: string,
  expected: {size: number; mtimeMs: number},
): string | undefined {
  try {
    const stats = lstatSync(folder.at(name), {bigint: true, throwIfNoEntry: false});
    const isStill =
      stats?.isFile() === true &&
      Number(stats.size) === expected.size &&
      !isOtherTime(mtimeMsOf(stats), expected.mtimeMs);
    return isStill ? stateOf(stats) : undefined;
  } catch {
    // The file is done. An unknown state only costs a comparison later.
    return undefined;
  }
}
