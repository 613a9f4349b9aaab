/** Compares the result of a run with the expected one, byte for byte. */
import {execFile} from 'node:child_process';
import {createHash} from 'node:crypto';
import {lstatSync, readdirSync} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';

/** Compare two folders, or two files. @throws an error that names different, missing and extra files. */
export async function compareTrees(expected: string, found: string): Promise<void> {
  try {
    await promisify(execFile)('diff', ['-rq', '--no-dereference', expected, found]);
  } catch (error) {
    const said = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    throw new Error(`${found} differs from the expected result: ${said.slice(0, 1000)}`, {
      cause: error,
    });
  }
}

/**
 * A digest of the names, types, inodes, sizes and times of everything in the folder. If it is the same before and after a
 * run, the run has written and replaced nothing.
 */
export function fingerprint(folder: string): string {
  const hash = createHash('sha256');
  const visit = (at: string): void => {
    for (const name of readdirSync(at).sort()) {
      const full = path.join(at, name);
      const stats = lstatSync(full);
      // Ignore fractions of a millisecond: a program may set the time as exactly as it received it, without writing.
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
