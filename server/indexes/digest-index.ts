/**
 * The block digests that were computed, in memory. A state of a file (its device, inode, size and
 * times) and an algorithm have one `FileDigests`; the least recently used are forgotten when
 * all of them take more than the limit. Digests of a file that has just changed are never
 * kept: a further change within the clock's tick would go unseen.
 */
import {Buffer} from 'node:buffer';
import {blockCount, type DigestAlgorithm, digestSize, rootDigest} from '../../protocol/block.ts';
import {JangadaError} from '../../protocol/errors.ts';
import type {StoredFile} from '../store/store.ts';

/** 64 MiB of digests name the blocks of 2 TiB. */
const defaultLimitBytes = 67_108_864;

/** Bytes that a remembered file costs beside its digests, about. */
const overheadBytes = 400;

export class DigestIndex {
  readonly #limitBytes: number;
  // In the order of use, the least recent first.
  readonly #files = new Map<string, FileDigests>();
  #bytes = 0;

  constructor(limitBytes = defaultLimitBytes) {
    this.#limitBytes = limitBytes;
  }

  /** Bytes that are in use, about. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The known digests of `file`. Those that are added are remembered, unless the file is fresh. */
  for(file: StoredFile, algorithm: DigestAlgorithm): FileDigests {
    const {identity} = file;
    if (identity === undefined) {
      return new FileDigests(file.size, algorithm);
    }

    const key = `${algorithm}:${identity}`;
    const known = this.#files.get(key);
    if (known !== undefined) {
      this.#files.delete(key);
      this.#files.set(key, known);
      return known;
    }

    const digests: FileDigests = new FileDigests(file.size, algorithm, bytes => {
      // Forgotten meanwhile, they are no longer counted.
      if (this.#files.get(key) === digests) {
        this.#grow(bytes);
      }
    });
    this.#files.set(key, digests);
    this.#grow(overheadBytes);
    return digests;
  }

  #grow(bytes: number): void {
    this.#bytes += bytes;
    for (const [oldest, digests] of this.#files) {
      if (this.#bytes <= this.#limitBytes) {
        return;
      }

      this.#files.delete(oldest);
      this.#bytes -= overheadBytes + digests.bytes;
    }
  }
}

/** A root digest needs all digests at once; those of so many blocks take 128 MiB. */
export const maxRootBlocks = 4_194_304;

/** Digests are kept by the page, so that a few blocks of a huge file cost little. */
const pageBlocks = 256;

type Page = {digests: Buffer; known: Uint8Array};

/** The block digests of one state of one file, as far as they are known. */
export class FileDigests {
  readonly algorithm: DigestAlgorithm;
  readonly blocks: number;
  readonly #pages = new Map<number, Page>();
  readonly #grown: (bytes: number) => void;
  #known = 0;
  #bytes = 0;
  #root: Buffer | undefined;

  constructor(size: number, algorithm: DigestAlgorithm, grown: (bytes: number) => void = () => {}) {
    this.algorithm = algorithm;
    this.blocks = blockCount(size);
    this.#grown = grown;
  }

  /** Bytes that the digests take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Blocks whose digest is known. */
  get count(): number {
    return this.#known;
  }

  get(block: number): Buffer | undefined {
    const page = this.#pages.get(Math.floor(block / pageBlocks));
    const at = block % pageBlocks;
    return page?.known[at] === 1
      ? page.digests.subarray(at * digestSize, (at + 1) * digestSize)
      : undefined;
  }

  set(block: number, digest: Uint8Array): void {
    const number = Math.floor(block / pageBlocks);
    let page = this.#pages.get(number);
    if (page === undefined) {
      const blocks = Math.min(pageBlocks, this.blocks - number * pageBlocks);
      page = {digests: Buffer.allocUnsafeSlow(blocks * digestSize), known: new Uint8Array(blocks)};
      this.#pages.set(number, page);
      this.#bytes += blocks * (digestSize + 1);
      this.#grown(blocks * (digestSize + 1));
    }

    const at = block % pageBlocks;
    page.digests.set(digest, at * digestSize);
    if (page.known[at] === 0) {
      page.known[at] = 1;
      this.#known++;
    }
  }

  /** Digests one after the other, those of block `first` and the ones behind it. */
  setAll(first: number, digests: Uint8Array): void {
    for (let at = 0; at < digests.length; at += digestSize) {
      this.set(first + at / digestSize, digests.subarray(at, at + digestSize));
    }
  }

  /** The first block from `from` on, but before `to`, whose digest is not known; else `to`. */
  runEnd(from: number, to: number): number {
    let block = from;
    while (block < to && this.get(block) !== undefined) {
      block++;
    }

    return block;
  }

  /** The first block from `from` on, but before `to`, whose digest is known; else `to`. */
  gapEnd(from: number, to: number): number {
    let block = from;
    while (block < to && this.get(block) === undefined) {
      const page = Math.floor(block / pageBlocks);
      block = this.#pages.has(page) ? block + 1 : (page + 1) * pageBlocks;
    }

    return Math.min(block, to);
  }

  /** The root digest in hexadecimal, once all digests are known, of a file up to 4 TiB. */
  get root(): string | undefined {
    if (this.#known < this.blocks || this.blocks > maxRootBlocks) {
      return undefined;
    }

    this.#root ??= rootDigest(this.algorithm, this.slice(0, this.blocks));
    return this.#root.toString('hex');
  }

  /**
   * The digests of blocks `from` up to but not including `to`, one after the other.
   *
   * @throws JangadaError `internal` if one of them is not known.
   */
  slice(from: number, to: number): Buffer {
    const all = Buffer.allocUnsafe((to - from) * digestSize);
    for (let block = from; block < to; block++) {
      const digest = this.get(block);
      if (digest === undefined) {
        throw new JangadaError('internal', `The digest of block ${block} is not known`);
      }

      all.set(digest, (block - from) * digestSize);
    }

    return all;
  }
}
