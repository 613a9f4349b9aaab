import {closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import process from 'node:process';

/**
 * Write `text` to the file at `path`, readable only by this user. Other processes see either the whole old file or the
 * whole new one, even after a crash.
 *
 * @throws the error of the operating system; the file is then unchanged.
 */
export function replaceFile(path: string, text: string): void {
  const next = `${path}.${process.pid}`;
  try {
    // An old file of a process with the same number may belong to somebody else, or be readable by others.
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
