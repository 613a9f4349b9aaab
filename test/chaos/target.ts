/** The target folder of a download. It checks which files are there, and which of their bytes are right. */
import {type BigIntStats, lstatSync, readdirSync, readFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {blockCount, blockSize} from '../../protocol/block.ts';
import {partialName} from '../../source/transfers/disk/local-name.ts';
import type {Tree} from './tree.ts';

/** For each file, by remote path: whether each of its blocks is on disk in its place. */
export type Kept = ReadonlyMap<string, readonly boolean[]>;

type Expected = {remotePath: string; content: Buffer; partial: boolean};

export class Target {
  readonly path: string;
  readonly #tree: Tree;
  /** The allowed names, by path below this folder. */
  readonly #expected = new Map<string, Expected>();
  readonly #folders = new Set<string>();
  /** Final files that were compared, by path: their size and times then. */
  readonly #compared = new Map<string, string>();

  constructor(path: string, tree: Tree) {
    this.path = path;
    this.#tree = tree;
    for (const [local, remotePath] of tree.remoteOf) {
      const content = tree.files.get(remotePath) ?? Buffer.alloc(0);
      const partial = join(dirname(local), partialName(basename(local)));
      this.#expected.set(local, {remotePath, content, partial: false});
      this.#expected.set(partial, {remotePath, content, partial: true});
      for (let folder = dirname(local); folder !== '.'; folder = dirname(folder)) {
        this.#folders.add(folder);
      }
    }
  }

  /**
   * Must hold at every moment, also while a client runs.
   *
   * @throws if the folder has an unexpected name, if a final file differs from the file of the server, or if an earlier
   * final file is gone.
   */
  check(): void {
    const finals = new Set<string>();
    for (const local of this.#list()) {
      const expected = this.#expected.get(local);
      if (expected === undefined) {
        throw new Error(`Nothing may be called ${JSON.stringify(local)} here`);
      }

      if (!expected.partial) {
        finals.add(local);
        this.#compare(local, expected.content);
      }
    }

    for (const local of this.#compared.keys()) {
      if (!finals.has(local)) {
        throw new Error(`The finished file ${JSON.stringify(local)} is gone`);
      }
    }
  }

  /**
   * Must hold at every moment if the test damages no partial files: a client writes only checked bytes.
   *
   * @throws if a partial file has a byte that is neither that of the file nor zero (not yet written).
   */
  checkPartials(): void {
    for (const {path, content} of this.partials()) {
      const bytes = readIfThere(path);
      const at = bytes === undefined ? -1 : firstWrongByte(bytes, content);
      if (at !== -1) {
        throw new Error(`The partial ${JSON.stringify(path)} has a wrong byte at ${at}`);
      }
    }
  }

  /** @throws unless the folder has every file, byte for byte, and nothing else. */
  checkComplete(): void {
    this.#compared.clear();
    this.check();
    const partials = this.partials();
    if (partials.length > 0) {
      throw new Error(`Partials are left: ${JSON.stringify(partials)}`);
    }

    const missing = [...this.#tree.remoteOf.keys()].filter(local => !this.#compared.has(local));
    if (missing.length > 0) {
      throw new Error(`Files are missing: ${JSON.stringify(missing)}`);
    }
  }

  /** The folder is empty again: forget its files. */
  forget(): void {
    this.#compared.clear();
  }

  /** Which blocks of each file are on disk. Call this only while no client runs. */
  kept(): Kept {
    const kept = new Map<string, readonly boolean[]>();
    for (const local of this.#list()) {
      const {remotePath, content, partial} = this.#expected.get(local) ?? {};
      if (remotePath === undefined || content === undefined) {
        continue;
      }

      const whole = Array.from<boolean>({length: blockCount(content.length)}).fill(true);
      if (!partial) {
        kept.set(remotePath, whole);
      } else if (!kept.has(remotePath)) {
        // The client cuts off surplus bytes, and does not fetch the file again.
        const bytes = readFileSync(join(this.path, local)).subarray(0, content.length);
        kept.set(
          remotePath,
          whole.map((_, block) => blockOf(bytes, block).equals(blockOf(content, block))),
        );
      }
    }

    return kept;
  }

  /** The paths of the partial files in the order of their names, and the content of the complete files. */
  partials(): Array<{path: string; content: Buffer}> {
    return this.#list()
      .sort()
      .flatMap(local => {
        const expected = this.#expected.get(local);
        return expected?.partial ? [{path: join(this.path, local), content: expected.content}] : [];
      });
  }

  /** Paths of all entries but the expected folders. An unexpected folder is listed. */
  #list(): string[] {
    return readdirSync(this.path, {recursive: true, withFileTypes: true})
      .map(entry => ({entry, local: join(entry.parentPath, entry.name)}))
      .map(({entry, local}) => ({entry, local: local.slice(this.path.length + 1)}))
      .filter(({entry, local}) => !entry.isDirectory() || !this.#folders.has(local))
      .map(({local}) => local);
  }

  #compare(local: string, content: Buffer): void {
    const path = join(this.path, local);
    const before = look(path);
    if (this.#compared.get(local) === before) {
      return;
    }

    const bytes = readFileSync(path);
    if (!bytes.equals(content)) {
      throw new Error(
        `${JSON.stringify(local)} has a wrong byte: ${bytes.length} bytes, ` +
          `should be ${content.length}; first difference at ${firstDifference(bytes, content)}`,
      );
    }

    this.#compared.set(local, before);
  }
}

/** Changes whenever the file is written to. */
function look(path: string): string {
  const {ino, size, mtimeNs, ctimeNs}: BigIntStats = lstatSync(path, {bigint: true});
  return [ino, size, mtimeNs, ctimeNs].join(' ');
}

/** A partial file that has just got its final name is gone. */
function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }

    throw error;
  }
}

/** Right slices are compared as a whole, because comparing each byte takes seconds. */
const sliceSize = 4096;

/** The first byte of `partial` that is neither the one of `content` nor zero; -1 if there is none. */
function firstWrongByte(partial: Buffer, content: Buffer): number {
  if (partial.length > content.length) {
    return content.length;
  }

  for (let from = 0; from < partial.length; from += sliceSize) {
    const slice = partial.subarray(from, from + sliceSize);
    const right = content.subarray(from, from + slice.length);
    const at = slice.equals(right)
      ? -1
      : slice.findIndex((byte, index) => byte !== 0 && byte !== right[index]);
    if (at !== -1) {
      return from + at;
    }
  }

  return -1;
}

function blockOf(bytes: Buffer, block: number): Buffer {
  return bytes.subarray(block * blockSize, (block + 1) * blockSize);
}

function firstDifference(one: Buffer, other: Buffer): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    if (one[at] !== other[at]) {
      return at;
    }
  }

  return length;
}
