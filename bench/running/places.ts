/** Chooses folders for data: in memory, or on a disk. */
import {mkdtempSync, rmSync, statfsSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The type numbers of file systems in memory in statfs(2): tmpfs, ramfs. */
const memoryTypes: readonly number[] = [0x01021994, 0x858458f6];

/** A new folder; disposing of it removes it with its content. */
export function makeFolder(parent: string): {readonly path: string} & Disposable {
  const folder = mkdtempSync(path.join(parent, 'jangada bench '));
  return {
    path: folder,
    [Symbol.dispose]: () => rmSync(folder, {recursive: true, force: true}),
  };
}

/**
 * BENCH_DIR, or a folder in memory with enough room, or the temporary folder.
 * @param needed the needed room in bytes.
 */
export function chooseFolder(needed: number): string {
  if (process.env.BENCH_DIR !== undefined) {
    return process.env.BENCH_DIR;
  }

  return roomIn('/dev/shm') > needed ? '/dev/shm' : os.tmpdir();
}

/** The temporary folder or else the folder of the project, whichever is not in memory. Undefined if both are. */
export function chooseDisk(): string | undefined {
  return [os.tmpdir(), path.join(import.meta.dirname, '..')].find(folder => !isInMemory(folder));
}

/** Whether the folder is in memory; false if the system does not show it. */
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
