/** The files of a server, for tests that know their content: a tree of files of many sizes, and one large file. */
import {createCipheriv, createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {mkdir, open, readdir} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {Random} from '../chaos/random.ts';

const MiB = 1024 * 1024;

export const bigName = 'big.bin';
export const treeName = 'tree';

export type ServedFiles = {
  /** The SHA-256 of each file of the tree, by its path in the tree. */
  tree: ReadonlyMap<string, string>;
  /** The bytes of the tree, and of the large file. */
  treeBytes: number;
  bigBytes: number;
};

/** Write below `root` a tree of `files` files of up to 3 MiB each, and the large file. */
export async function serveFiles(
  root: string,
  {files, bigMiB}: {files: number; bigMiB: number},
): Promise<ServedFiles> {
  const random = new Random(files);
  const tree = new Map<string, string>();
  let treeBytes = 0;
  for (let index = 0; index < files; index++) {
    const bytes = random.pick([0, 1, random.between(2, 65_536), random.between(65_537, 3 * MiB)]);
    const path = join(random.pick(['', 'inner', 'inner/deep', 'other']), `file ${index}`);
    tree.set(path, await writeNoise(join(root, treeName, path), bytes, index));
    treeBytes += bytes;
  }

  const bigBytes = bigMiB * MiB + 4711;
  await writeNoise(join(root, bigName), bigBytes, files);
  return {tree, treeBytes, bigBytes};
}

/**
 * Write `bytes` bytes to a file, over its old content. They cannot be compressed, and differ for each `seed`.
 *
 * @returns their SHA-256.
 */
export async function writeNoise(path: string, bytes: number, seed: number): Promise<string> {
  await mkdir(dirname(path), {recursive: true});
  const hash = createHash('sha256');
  await writeTo(path, 'w', noise(bytes, seed), chunk => hash.update(chunk));
  return hash.digest('hex');
}

/** Write other bytes over the first bytes of a file, without changing its size. @returns the SHA-256 of the whole file. */
export async function overwriteBeginning(path: string, bytes: number): Promise<string> {
  await writeTo(path, 'r+', noise(bytes, performance.now()));
  return await sha256(path);
}

async function writeTo(
  path: string,
  flags: string,
  chunks: Iterable<Buffer>,
  written: (chunk: Buffer) => void = () => {},
): Promise<void> {
  const file = await open(path, flags);
  try {
    for (const chunk of chunks) {
      await file.write(chunk);
      written(chunk);
    }

    await file.sync();
  } finally {
    await file.close();
  }
}

function* noise(bytes: number, seed: number): Generator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, `${seed}.`), Buffer.alloc(16));
  const zeros = Buffer.alloc(Math.min(bytes, 4 * MiB));
  for (let at = 0; at < bytes; at += zeros.length) {
    yield cipher.update(zeros.subarray(0, bytes - at));
  }
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, {highWaterMark: 4 * MiB})) {
    hash.update(chunk as Buffer);
  }

  return hash.digest('hex');
}

/** The SHA-256 of each file below `folder`, by its path in the folder. */
export async function hashesBelow(folder: string): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const entry of await readdir(folder, {recursive: true, withFileTypes: true})) {
    if (!entry.isDirectory()) {
      const path = join(entry.parentPath, entry.name);
      hashes.set(path.slice(folder.length + 1), await sha256(path));
    }
  }

  return hashes;
}
