/** The files to move: one large one and a tree of small ones, in a folder that goes away again. */
import {randomFillSync} from 'node:crypto';
import {mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync} from 'node:fs';
import {open} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {log} from './report.ts';

const MiB = 1_048_576;
const smallSize = 4096;
const filesPerFolder = 100;

export type Data = AsyncDisposable & {
  /** Everything is in here: the data, the copies, the settings of other servers. */
  folder: string;
  /** The folder that is served: `large.bin` and `small/`. */
  source: string;
  sizeMiB: number;
  /** Paths of the small files under `source`. */
  smallFiles: readonly string[];
};

/** Makes the data in BENCH_DIR, or where there is room: memory first. */
export async function makeData(options: {sizeMiB: number; files: number}): Promise<Data> {
  const {sizeMiB, files} = options;
  // The source and one copy of each, and something to spare.
  const needed = 2 * (sizeMiB * MiB + files * 2 * smallSize) + 256 * MiB;
  const folder = mkdtempSync(path.join(chooseFolder(needed), 'jangada bench '));
  const source = path.join(folder, 'source');
  log(`Making ${sizeMiB} MiB and ${files} files of 4 KiB in ${folder}`);
  mkdirSync(source);
  await writeLarge(path.join(source, 'large.bin'), sizeMiB);
  return {
    folder,
    source,
    sizeMiB,
    smallFiles: writeSmall(source, files),
    async [Symbol.asyncDispose]() {
      rmSync(folder, {recursive: true, force: true});
    },
  };
}

/** @param needed bytes that the folder has to have room for. */
export function chooseFolder(needed: number): string {
  if (process.env.BENCH_DIR !== undefined) {
    return process.env.BENCH_DIR;
  }

  try {
    const {bavail, bsize} = statfsSync('/dev/shm');
    return bavail * bsize > needed ? '/dev/shm' : os.tmpdir();
  } catch {
    // Not on Linux.
    return os.tmpdir();
  }
}

async function writeLarge(file: string, sizeMiB: number): Promise<void> {
  const block = Buffer.allocUnsafe(MiB);
  await using handle = await open(file, 'w');
  for (let index = 0; index < sizeMiB; index++) {
    await handle.write(randomFillSync(block));
  }
}

function writeSmall(source: string, files: number): string[] {
  const bytes = Buffer.allocUnsafe(smallSize);
  const names: string[] = [];
  for (let index = 0; index < files; index++) {
    const folder = `small/folder-${Math.floor(index / filesPerFolder)}`;
    if (index % filesPerFolder === 0) {
      mkdirSync(path.join(source, folder), {recursive: true});
    }

    const name = `${folder}/file-${index}.bin`;
    writeFileSync(path.join(source, name), randomFillSync(bytes));
    names.push(name);
  }

  return names;
}
