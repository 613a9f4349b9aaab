import {readSync} from 'node:fs';

/**
 * Read `length` bytes at `position` of an open file into the front of `buffer`.
 *
 * @returns the number of bytes read: fewer than `length` only at the end of the file.
 * @throws the error of the operating system.
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
