/**
 * The block digests that were computed, in memory. A state of the file at a path and an algorithm have one `FileDigests`; the least recently used are forgotten when
 * all of them take more than the limit. Digests of a file that has just changed are never
 * kept: a further change within the clock's tick would go unseen.
 */
import {Buffer} from 'node:buffer';
import {blockCount, type DigestAlgorithm, digestSize, rootDigest} from '../../protocol/block.ts';
import {JangadaError} from '../../protocol/errors.ts';
import type {StoredFile} from '../store/store.ts';

/** 64 MiB of digests name the blocks of 2 TiB. */
const defaultLimitBytes = 67_108_864;

// Measured by the growth of the heap, and of the memory outside of it; `indexes.test.ts` measures it again.

/** Bytes that a remembered file takes beside its digests: the key in the map, and the record. */
const fileBytes = 500;

/** Bytes that a page takes beside its digests. */
const pageBytes = 800;

/** Bytes of a digest or a root digest that is kept as a string. */
const stringBytes = 80;

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
    const {path, state} = file;
    if (state === undefined) {
      return new FileDigests(file.size, algorithm);
    }

    const key = `${algorithm}:${state}:${path}`;
    const known = this.#files.get(key);
    if (known !== undefined) {
      this.#files.delete(key);
      this.#files.set(key, known);
      return known;
    }

    const digests = new FileDigests(file.size, algorithm, {index: this, key});
    this.#files.set(key, digests);
    this.grow(digests, key, fileBytes);
    return digests;
  }

  /** `digests`, which are remembered as `key`, take so many bytes more. Forgotten meanwhile, they are no longer counted. */
  grow(digests: FileDigests, key: string, bytes: number): void {
    if (this.#files.get(key) !== digests) {
      return;
    }

    this.#bytes += bytes;
    for (const [oldest, oldestDigests] of this.#files) {
      if (this.#bytes <= this.#limitBytes) {
        return;
      }

      this.#files.delete(oldest);
      this.#bytes -= fileBytes + oldestDigests.bytes;
    }
  }
}

/** A root digest needs all digests at once; those of so many blocks take 128 MiB. */
export const maxRootBlocks = 4_194_304;

/** Digests are kept by the page, so that a few blocks of a huge file cost little. */
const pageBlocks = 256;

type Page = {digests: Buffer; known: Uint8Array};

/** Where digests are remembered. */
type Place = {readonly index: DigestIndex; readonly key: string};

/**
 * The block digests of one state of one file, as far as they are known. A file of one block, as most are, has its
 * digest in a string, one character a byte: a buffer of its own takes ten times as much.
 */
export class FileDigests {
  readonly algorithm: DigestAlgorithm;
  readonly blocks: number;
  readonly #place: Place | undefined;
  #only: string | undefined;
  #pages: Map<number, Page> | undefined;
  #known = 0;
  #bytes = 0;
  #root: string | undefined;

  constructor(size: number, algorithm: DigestAlgorithm, place?: Place) {
    this.algorithm = algorithm;
    this.blocks = blockCount(size);
    this.#place = place;
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
    if (this.blocks === 1) {
      return block === 0 && this.#only !== undefined
        ? Buffer.from(this.#only, 'latin1')
        : undefined;
    }

    const page = this.#pages?.get(Math.floor(block / pageBlocks));
    const at = block % pageBlocks;
    return page?.known[at] === 1
      ? page.digests.subarray(at * digestSize, (at + 1) * digestSize)
      : undefined;
  }

  set(block: number, digest: Uint8Array): void {
    if (this.blocks === 1) {
      this.#setOnly(digest);
      return;
    }

    const page = this.#pageOf(block);
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
      block = this.#pages?.has(page) ? block + 1 : (page + 1) * pageBlocks;
    }

    return Math.min(block, to);
  }

  /** The root digest in hexadecimal, once all digests are known, of a file up to 4 TiB. */
  get root(): string | undefined {
    if (this.#known < this.blocks || this.blocks > maxRootBlocks) {
      return undefined;
    }

    if (this.#root === undefined) {
      const root = rootDigest(this.algorithm, this.slice(0, this.blocks)).toString('hex');
      if (this.blocks < 2) {
        // It is computed in no time.
        return root;
      }

      this.#root = root;
      this.#grow(stringBytes);
    }

    return this.#root;
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

  #setOnly(digest: Uint8Array): void {
    if (this.#only === undefined) {
      this.#known = 1;
      this.#grow(stringBytes);
    }

    this.#only = Buffer.from(digest.buffer, digest.byteOffset, digest.length).toString('latin1');
  }

  #pageOf(block: number): Page {
    this.#pages ??= new Map();
    const number = Math.floor(block / pageBlocks);
    const known = this.#pages.get(number);
    if (known !== undefined) {
      return known;
    }

    const blocks = Math.min(pageBlocks, this.blocks - number * pageBlocks);
    const page = {
      digests: Buffer.allocUnsafeSlow(blocks * digestSize),
      known: new Uint8Array(blocks),
    };
    this.#pages.set(number, page);
    this.#grow(pageBytes + blocks * (digestSize + 1));
    return page;
  }

  #grow(bytes: number): void {
    this.#bytes += bytes;
    this.#place?.index.grow(this, this.#place.key, bytes);
  }
}
