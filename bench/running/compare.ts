/** Compares what a run has left with what it should have, byte for byte. */
import {execFile} from 'node:child_process';
import {createHash} from 'node:crypto';
import {lstatSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';

/** @throws an error that names what differs, is missing, or is too many: of two folders, or of two files. */
export async function compareTrees(expected: string, found: string): Promise<void> {
  try {
    await promisify(execFile)('diff', ['-rq', '--no-dereference', expected, found]);
  } catch (error) {
    const said = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    throw new Error(`${found} is not as it should be: ${said.slice(0, 1000)}`, {cause: error});
  }
}

/**
 * A digest of the names, kinds, inodes, sizes and times of all in the folder: the same before and after a run, it says
 * that nothing was written and nothing replaced.
 */
export function fingerprint(folder: string): string {
  const hash = createHash('sha256');
  const visit = (at: string): void => {
    for (const name of readdirSync(at).sort()) {
      const full = path.join(at, name);
      const stats = lstatSync(full);
      // Finer times are no writing: a program may set them as exactly as it was told them.
      const changedMs = Math.floor(stats.mtimeMs);
      hash.update(`${full} ${stats.ino} ${stats.mode} ${stats.size} ${changedMs}\n`);
      if (stats.isDirectory()) {
        visit(full);
      }
    }
  };
  visit(folder);
  return hash.digest('hex');
}
