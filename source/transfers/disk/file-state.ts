/** Local files that were checked a moment ago: whether they are still as they were then. */
import {closeSync, fstatSync, lstatSync} from 'node:fs';
import {mtimeMsOf, stateOf} from '../terms/file-state.ts';
import {isOtherTime, type OtherTime, setTime} from './file-time.ts';
import type {OpenFolder} from './folders/target-folder.ts';
import {openForReading} from './look-at.ts';

/**
 * Give the file `name`, which is complete, the time `mtimeMs` if it has another one; unless something
 * else was done to it since it was in the state `then`.
 *
 * @returns the time that it has instead, if it cannot have that one.
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
 * The state of the file `name`, which was written and checked a moment ago.
 *
 * @param expected size in bytes and time in milliseconds that it was given then: whatever has been
 * written to it since has changed its time.
 * @returns undefined if it is not that file any more, or could not have that time.
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
    // The file is done. That its state is not known costs a comparison later.
    return undefined;
  }
}
