/** A served tree whose files the test rewrites. It knows every version of each file, and so can check a download. */
import {createHash} from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {nameToBytes} from '../../../protocol/remote-path.ts';
import {partialName} from '../../../source/transfers/disk/local-name.ts';
import type {Random} from '../random.ts';
import {growTree, type Tree, type TreeOptions} from '../tree.ts';

export class ChangingTree {
  readonly #root: string;
  readonly #tree: Tree;
  /** The hashes of all versions of each file, the newest last, by its name in the target. */
  readonly #versions = new Map<string, string[]>();
  /** The hashes of final files by path, size and times, so that an unchanged file is read only once. */
  readonly #compared = new Map<string, string>();

  constructor(root: string, seed: number, options: TreeOptions) {
    this.#root = root;
    this.#tree = growTree(root, seed, options);
    for (const [local, remotePath] of this.#tree.remoteOf) {
      this.#versions.set(local, [hashOf(this.#tree.files.get(remotePath) ?? Buffer.alloc(0))]);
    }
  }

  get bytes(): number {
    return this.#tree.bytes;
  }

  get fileCount(): number {
    return this.#versions.size;
  }

  /** Give a file other content, in place or as a new file of the same name. @returns which, in words. */
  rewrite(random: Random): string {
    const all = [...this.#tree.remoteOf];
    // There are few large files, but their downloads take long.
    const large = all.filter(([, path]) => path.startsWith('large/'));
    const [local, remotePath] = random.pick(random.chance(0.7) ? large : all);
    const length = (this.#tree.files.get(remotePath) ?? Buffer.alloc(0)).length;
    const bytes = random.bytes(length);
    const path = Buffer.concat([Buffer.from(`${this.#root}/`), nameToBytes(remotePath)]);
    this.#versions.get(local)?.push(hashOf(bytes));
    if (random.chance(0.5)) {
      // The new bytes have the same number, so the file is never shorter.
      const descriptor = openSync(path, 'r+');
      writeSync(descriptor, bytes, 0, bytes.length, 0);
      closeSync(descriptor);
      return `${JSON.stringify(remotePath)} in its place`;
    }

    // Outside the served folder, but on the same disk: the new file must not be a file of the tree.
    const fresh = join(dirname(this.#root), 'fresh');
    writeFileSync(fresh, bytes);
    renameSync(fresh, path);
    return `${JSON.stringify(remotePath)} as a new file`;
  }

  /**
   * Must hold at every moment, also while a client runs.
   *
   * @throws if `target` has an unexpected name, or a final file that is no version of its file.
   */
  check(target: string): void {
    for (const local of filesBelow(target)) {
      const versions = this.#versions.get(local);
      if (versions === undefined && !this.#isPartial(local)) {
        throw new Error(`Nothing may be called ${JSON.stringify(local)} here`);
      }

      if (versions !== undefined && !versions.includes(this.#hash(join(target, local)))) {
        throw new Error(`${JSON.stringify(local)} is no version of the file`);
      }
    }
  }

  /** @throws unless `target` has the present version of every file, and nothing else. */
  checkComplete(target: string): void {
    const found = filesBelow(target);
    for (const local of found) {
      if (this.#versions.get(local)?.at(-1) !== this.#hash(join(target, local))) {
        throw new Error(`${JSON.stringify(local)} is not what is served now`);
      }
    }

    if (found.length !== this.fileCount) {
      throw new Error(`There are ${found.length} files, not ${this.fileCount}`);
    }
  }

  #isPartial(local: string): boolean {
    const folder = dirname(local);
    return [...this.#versions.keys()].some(
      name => dirname(name) === folder && partialName(basename(name)) === basename(local),
    );
  }

  /** The hash of a file, from memory if the file has not changed. */
  #hash(path: string): string {
    const {ino, size, mtimeNs, ctimeNs}: BigIntStats = lstatSync(path, {bigint: true});
    const look = [path, ino, size, mtimeNs, ctimeNs].join(' ');
    const known = this.#compared.get(look) ?? hashOf(readFileSync(path));
    this.#compared.set(look, known);
    return known;
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
