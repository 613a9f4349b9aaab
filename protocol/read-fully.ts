import {readSync} from 'node:fs';

/**
 * Read `length` bytes at `position` of an open file into the front of `buffer`.
 *
 * @returns bytes read: fewer than `length` only where the file ends.
 * @throws the system's error.
 */
export function readFully(
  fd: number,
  buffer: Uint8Array,
  length: number,
  position: number,
): number {
  let filled = 0;
  while (filled < length) {
    const count = readSync(fd, buffer, filled, length - filled, position + filled);
    if (count === 0) {
      break;
    }

    filled += count;
  }

  return filled;
}
