/** The block digests of one state of one file that this process knows. */
import {Buffer} from 'node:buffer';
import {blockCount, type DigestAlgorithm, digestSize, rootDigest} from '../../protocol/block.ts';
import {JangadaError} from '../../protocol/errors.ts';
import type {BlockSpan} from '../store/store.ts';
import type {Awaitable} from '../waiting/awaitable.ts';
import {type DigestRun, type ShelvedFile, sectionBlocks} from './digest-shelf.ts';
import type {PatientShelf} from './patient-shelf.ts';

// Measured by the growth of the heap and of the memory outside it; `indexes.test.ts` measures it again.

/** Bytes that a page takes in addition to its digests. */
const pageBytes = 800;

/** Bytes of a digest or a root digest that is kept as a string. */
const stringBytes = 80;

/** A root digest needs all digests at once; those of so many blocks take 128 MiB. */
export const maxRootBlocks = 4_194_304;

/** Digests are kept in pages, so that a few blocks of a huge file cost little memory. */
const pageBlocks = 256;

/** `origins` has one `origin` for each digest. */
type Page = {digests: Buffer; origins: Uint8Array};

/** Where a digest comes from: `none` if it is not known, this process, or the shelf. */
const origin = {none: 0, own: 1, shelf: 2} as const;

/** Where the index remembers the digests: the key has the algorithm, the state and the path of the file. */
type Place = {
  readonly key: string;
  readonly index: {
    readonly shelf: PatientShelf | undefined;
    grow(digests: FileDigests, key: string, bytes: number): void;
    changed(digests: FileDigests, section: number): void;
  };
};

/**
 * A file of one block, like most files, keeps its digest in a string with one character for each byte: a buffer would
 * take ten times as much memory.
 */
export class FileDigests {
  readonly algorithm: DigestAlgorithm;
  readonly blocks: number;
  readonly #size: number;
  readonly #place: Place | undefined;
  #only: string | undefined;
  #onlyOrigin: number = origin.none;
  #pages: Map<number, Page> | undefined;
  #known = 0;
  #bytes = 0;
  #root: string | undefined;

  constructor(size: number, algorithm: DigestAlgorithm, place?: Place) {
    this.algorithm = algorithm;
    this.blocks = blockCount(size);
    this.#size = size;
    this.#place = place;
  }

  /** Bytes that the digests take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many blocks have a known digest. */
  get count(): number {
    return this.#known;
  }

  /** The digest of a block, computed by this process or loaded from the shelf. */
  get(block: number): Buffer | undefined {
    if (this.blocks === 1) {
      return block === 0 && this.#only !== undefined
        ? Buffer.from(this.#only, 'latin1')
        : undefined;
    }

    const at = block % pageBlocks;
    return this.#originOf(block) === origin.none
      ? undefined
      : this.#pageWith(block)?.digests.subarray(at * digestSize, (at + 1) * digestSize);
  }

  /**
   * The digest of a block, if this process has computed it. A caller that has the bytes of the block does not trust a digest
   * of the shelf: a wrong one would make every client reject the block, and nothing else would reveal the error.
   */
  getOwn(block: number): Buffer | undefined {
    return this.#originOf(block) === origin.own ? this.get(block) : undefined;
  }

  /** Set the digest of a block that was computed now. The shelf gets it soon, unless it has the same. */
  set(block: number, digest: Uint8Array): void {
    const isNew = this.get(block)?.equals(digest) !== true;
    this.#put(block, digest, origin.own);
    if (isNew) {
      this.#root = undefined;
      this.#place?.index.changed(this, Math.floor(block / sectionBlocks));
    }
  }

  /** Set concatenated digests, from block `first` on. */
  setAll(first: number, digests: Uint8Array): void {
    for (let at = 0; at < digests.length; at += digestSize) {
      this.set(first + at / digestSize, digests.subarray(at, at + digestSize));
    }
  }

  /** Split the span at the borders of sections. */
  *sectionsOf({from, to}: BlockSpan): Generator<BlockSpan, void, void> {
    for (let at = from; at < to; ) {
      const end = Math.min(to, (Math.floor(at / sectionBlocks) + 1) * sectionBlocks);
      yield {from: at, to: end};
      at = end;
    }
  }

  /** Load the digests of the section of `block` from the shelf. */
  recall(block: number): Awaitable<void> {
    const shelf = this.#place?.index.shelf;
    const section = Math.floor(block / sectionBlocks);
    if (shelf === undefined) {
      return;
    }

    return this.#load(shelf, section);
  }

  async #load(shelf: PatientShelf, section: number): Promise<void> {
    const front = section * sectionBlocks;
    const end = Math.min(this.blocks, front + sectionBlocks);
    for (const {first, digests} of await shelf.load(this.#shelved(), section)) {
      for (let at = 0; at + digestSize <= digests.length; at += digestSize) {
        const block = first + at / digestSize;
        if (block >= front && block < end && this.get(block) === undefined) {
          this.#put(block, digests.subarray(at, at + digestSize), origin.shelf);
        }
      }
    }
  }

  /** Save all known digests of a section to the shelf. */
  async save(section: number): Promise<void> {
    const end = Math.min(this.blocks, (section + 1) * sectionBlocks);
    const runs: DigestRun[] = [];
    for (let block = this.gapEnd(section * sectionBlocks, end); block < end; ) {
      const to = this.runEnd(block, end);
      runs.push({first: block, digests: new Uint8Array(this.slice(block, to))});
      block = this.gapEnd(to, end);
    }

    await this.#place?.index.shelf?.save(this.#shelved(), section, runs);
  }

  /** The file as the shelf names it, from the parts of the key, so that no file takes memory for both forms. */
  #shelved(): ShelvedFile {
    const [, state = '', ...path] = this.#place?.key.split('\n') ?? [];
    return {path: path.join('\n'), state, size: this.#size, algorithm: this.algorithm};
  }

  /** The first block from `from` on, but before `to`, whose digest is not known; else `to`. */
  runEnd(from: number, to: number): number {
    let block = from;
    while (block < to && this.#originOf(block) !== origin.none) {
      block++;
    }

    return block;
  }

  /** The first block from `from` on, but before `to`, whose digest is known; else `to`. */
  gapEnd(from: number, to: number): number {
    let block = from;
    while (block < to && this.#originOf(block) === origin.none) {
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
        // Not remembered: computing it takes no time.
        return root;
      }

      this.#root = root;
      this.#grow(stringBytes);
    }

    return this.#root;
  }

  /**
   * The concatenated digests of blocks `from` up to but not including `to`.
   *
   * @throws JangadaError `internal` if one of them is not known.
   */
  slice(from: number, to: number): Buffer {
    const unknown = this.runEnd(from, to);
    if (unknown < to) {
      throw new JangadaError('internal', `The digest of block ${unknown} is not known`);
    }

    const all = Buffer.allocUnsafe((to - from) * digestSize);
    for (let block = from; block < to; ) {
      const end = Math.min(to, (Math.floor(block / pageBlocks) + 1) * pageBlocks);
      const at = block % pageBlocks;
      const digests =
        this.blocks === 1
          ? this.get(block)
          : this.#pageWith(block)?.digests.subarray(
              at * digestSize,
              (at + end - block) * digestSize,
            );
      all.set(digests ?? [], (block - from) * digestSize);
      block = end;
    }

    return all;
  }

  #put(block: number, digest: Uint8Array, itsOrigin: number): void {
    if (this.blocks === 1) {
      this.#putOnly(digest, itsOrigin);
      return;
    }

    const page = this.#pageOf(block);
    const at = block % pageBlocks;
    page.digests.set(digest, at * digestSize);
    if (page.origins[at] === origin.none) {
      this.#known++;
    }

    page.origins[at] = itsOrigin;
  }

  #putOnly(digest: Uint8Array, itsOrigin: number): void {
    if (this.#only === undefined) {
      this.#known = 1;
      this.#grow(stringBytes);
    }

    this.#only = Buffer.from(digest.buffer, digest.byteOffset, digest.length).toString('latin1');
    this.#onlyOrigin = itsOrigin;
  }

  #originOf(block: number): number {
    return this.blocks === 1
      ? this.#onlyOrigin
      : (this.#pageWith(block)?.origins[block % pageBlocks] ?? origin.none);
  }

  #pageWith(block: number): Page | undefined {
    return this.#pages?.get(Math.floor(block / pageBlocks));
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
      origins: new Uint8Array(blocks),
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
