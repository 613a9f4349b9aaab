/**
 * Modification times as the server says them: of any sign, to the microsecond, as far as a disk and a
 * number reach.
 */
import {fstatSync} from 'node:fs';
import {disk} from '../system/disk.ts';
import {isSystemError} from '../terms/local-error.ts';

/** FAT keeps times in steps of two seconds. */
export const timeToleranceMs = 2000;

/** The furthest date that a calendar has, whatever a server says. */
const furthestMs = 8.64e15;

/** Every disk holds the times between these: FAT begins with 1980, 32 bits end with January 2038. */
const heldFromMs = Date.UTC(1980, 0, 2);
const heldToMs = Date.UTC(2038, 0, 19);

/** Codes of a disk that refuses a time; most take the nearest one that they have. */
const noSuchTime = ['EINVAL', 'EOVERFLOW', 'ERANGE'];

/** Codes of a disk, or of a file of somebody else, whose times cannot be set at all. */
const notToBeSet = ['EPERM', 'EACCES', 'EROFS', 'ENOTSUP', 'ENOSYS'];

/** The time that a file has instead of the right one, in milliseconds since 1970, and why. */
export type OtherTime = {readonly heldMs: number; readonly reason: string};

/**
 * Set the modification time of an open file, in milliseconds since 1970.
 *
 * @returns the time that it has instead, if it cannot have this one.
 * @throws the system's error.
 */
export function setTime(fd: number, mtimeMs: number): OtherTime | undefined {
  const isHeld = mtimeMs >= heldFromMs && mtimeMs < heldToMs;
  const seconds = secondsOf(Math.max(-furthestMs, Math.min(furthestMs, mtimeMs)));
  try {
    // Node takes a negative number for now, and a negative text for what it says.
    disk.futimesSync(fd, Date.now() / 1000, seconds < 0 ? String(seconds) : seconds);
  } catch (error) {
    if (isSystemError(error, ...notToBeSet)) {
      return otherTime(fd, mtimeMs, 'times cannot be set there');
    }

    if (isHeld || !isSystemError(error, ...noSuchTime)) {
      throw error;
    }
  }

  return isHeld ? undefined : otherTime(fd, mtimeMs, 'the disk cannot store that time');
}

function otherTime(fd: number, mtimeMs: number, reason: string): OtherTime | undefined {
  const heldMs = fstatSync(fd).mtimeMs;
  return Math.abs(heldMs - mtimeMs) > timeToleranceMs ? {heldMs, reason} : undefined;
}

/** Whether two times differ, as exactly as times travel. */
export function isOtherTime(hereMs: number, thereMs: number): boolean {
  return Math.round(hereMs * 1000) !== Math.round(thereMs * 1000);
}

/**
 * `ms` in seconds, so that the system, which cuts off what is below a nanosecond, gets the microsecond
 * that is meant: the nearest number may be one too low.
 */
function secondsOf(ms: number): number {
  const microseconds = Math.round(ms * 1000);
  const seconds = microseconds / 1e6;
  const isTooLow = microsecondsAsCut(seconds) < microseconds;
  // The next number above.
  return isTooLow ? seconds + Math.abs(seconds) * 0.75 * Number.EPSILON : seconds;
}

/** The microsecond that the system makes of `seconds`. */
function microsecondsAsCut(seconds: number): number {
  const whole = Math.trunc(seconds);
  const nanoseconds = Math.trunc((seconds - whole) * 1e9);
  return whole * 1e6 + Math.floor(nanoseconds / 1000);
}
