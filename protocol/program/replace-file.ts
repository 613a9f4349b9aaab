import {closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import process from 'node:process';

/**
 * Have `text` in the file at `path`, for this user alone: others see all of what was there before, or all
 * of this, also after a crash.
 *
 * @throws the error of the system; the file is as it was then.
 */
export function replaceFile(path: string, text: string): void {
  const next = `${path}.${process.pid}`;
  try {
    // One that a process of that number has left may be somebody else's, or open to others.
    rmSync(next, {force: true});
    const descriptor = openSync(next, 'wx', 0o600);
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }

    renameSync(next, path);
  } catch (error) {
    rmSync(next, {force: true});
    throw error;
  }
}
