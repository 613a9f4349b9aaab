/** Where data lies while it is measured: in memory, or on a disk. */
import {mkdtempSync, rmSync, statfsSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The types that statfs(2) gives to file systems in memory: tmpfs, ramfs. */
const memoryTypes: readonly number[] = [0x01021994, 0x858458f6];

/** A new folder that goes away with all that is in it. */
export function makeFolder(parent: string): {readonly path: string} & Disposable {
  const folder = mkdtempSync(path.join(parent, 'jangada bench '));
  return {
    path: folder,
    [Symbol.dispose]: () => rmSync(folder, {recursive: true, force: true}),
  };
}

/**
 * BENCH_DIR, or a folder in memory that has room, or the temporary folder.
 * @param needed bytes that it has to have room for.
 */
export function chooseFolder(needed: number): string {
  if (process.env.BENCH_DIR !== undefined) {
    return process.env.BENCH_DIR;
  }

  return roomIn('/dev/shm') > needed ? '/dev/shm' : os.tmpdir();
}

/** The temporary folder or that of the project: the first that is no file system in memory. Undefined if both are. */
export function chooseDisk(): string | undefined {
  return [os.tmpdir(), path.join(import.meta.dirname, '..')].find(folder => !isInMemory(folder));
}

/** False where the system does not say. */
export function isInMemory(folder: string): boolean {
  return memoryTypes.includes(statfsSync(folder).type);
}

function roomIn(folder: string): number {
  try {
    const {bavail, bsize} = statfsSync(folder);
    return bavail * bsize;
  } catch {
    // Not on Linux.
    return 0;
  }
}
