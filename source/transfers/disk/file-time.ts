/**
 * Sets modification times as the server sends them: before or after 1970, to the microsecond, as far as the disk and a
 * JavaScript number allow.
 */
import {fstatSync} from 'node:fs';
import {disk} from '../system/disk.ts';
import {isSystemError} from '../terms/local-error.ts';

/** FAT stores times in steps of two seconds. */
export const timeToleranceMs = 2000;

/** The furthest date of a JavaScript Date, for any time that the server sends. */
const furthestMs = 8.64e15;

/** Every disk can store times in this range: FAT begins in 1980, 32 bits end in January 2038. */
const heldFromMs = Date.UTC(1980, 0, 2);
const heldToMs = Date.UTC(2038, 0, 19);

/** Error codes of a disk that refuses a time. Most disks store the nearest time instead. */
const noSuchTime = ['EINVAL', 'EOVERFLOW', 'ERANGE'];

/** Error codes when times cannot be set at all: because of the disk, or because the file belongs to another user. */
const notToBeSet = ['EPERM', 'EACCES', 'EROFS', 'ENOTSUP', 'ENOSYS'];

/** The time that a file has instead of the right one, in milliseconds since 1970, and the reason. */
export type OtherTime = {readonly heldMs: number; readonly reason: string};

/**
 * Set the modification time of an open file, in milliseconds since 1970.
 *
 * @returns the time that the file has instead, if `mtimeMs` cannot be set.
 * @throws the system's error.
 */
export function setTime(fd: number, mtimeMs: number): OtherTime | undefined {
  const isHeld = mtimeMs >= heldFromMs && mtimeMs < heldToMs;
  const seconds = secondsOf(Math.max(-furthestMs, Math.min(furthestMs, mtimeMs)));
  try {
    // Node replaces a negative number by the current time, but takes a negative text as it is.
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

/** Whether two times differ, compared to the microsecond, the precision of the protocol. */
export function isOtherTime(hereMs: number, thereMs: number): boolean {
  return Math.round(hereMs * 1000) !== Math.round(thereMs * 1000);
}

/**
 * `ms` in seconds. The system truncates below a nanosecond, and the nearest floating-point number may be a little too
 * low, so that the microsecond would be one too low. Then the next higher number is returned.
 */
function secondsOf(ms: number): number {
  const microseconds = Math.round(ms * 1000);
  const seconds = microseconds / 1e6;
  const isTooLow = microsecondsAsCut(seconds) < microseconds;
  // The next floating-point number above.
  return isTooLow ? seconds + Math.abs(seconds) * 0.75 * Number.EPSILON : seconds;
}

/** The microsecond that the system stores for `seconds`. */
function microsecondsAsCut(seconds: number): number {
  const whole = Math.trunc(seconds);
  const nanoseconds = Math.trunc((seconds - whole) * 1e9);
  return whole * 1e6 + Math.floor(nanoseconds / 1000);
}
