/**
 * The wall between the digests in memory and the place where they outlive the process. One shelf serves all
 * servers of the same files: what one of them saves, any other loads.
 *
 *     DigestIndex (memory) ──save──▶ shelf ──load──▶ DigestIndex of this server after a restart, or of another server
 *
 * Digests travel by the **section**, 4096 blocks at most: a section is small enough to be written as a whole again
 * and again, and a shelf that can replace only whole objects has one for each.
 */
import {Buffer} from 'node:buffer';
import {hash} from 'node:crypto';
import type {DigestAlgorithm} from '../../protocol/block.ts';
import {nameToBytes} from '../../protocol/remote-path.ts';
import type {Awaitable} from '../waiting/awaitable.ts';

/** Blocks of a section: 4 GiB of a file, 128 KiB of digests. The last section of a file has fewer. */
export const sectionBlocks = 4096;

/** A state of a file, and an algorithm: what digests belong to. The first three are those of a `StoredFile`. */
export type ShelvedFile = {
  readonly path: string;
  readonly state: string;
  /** Bytes. */
  readonly size: number;
  readonly algorithm: DigestAlgorithm;
};

/** Digests of consecutive blocks, one after the other: of block `first` (counted from the front of the file) and those behind it. */
export type DigestRun = {readonly first: number; readonly digests: Uint8Array};

/**
 * Both calls may fail, and may hang: whoever calls them goes on without the shelf then. A shelf checks what it reads
 * (another server may be writing it, a disk may have damaged it) and leaves out what does not fit.
 */
export interface DigestShelf {
  /** The digests of blocks `section × sectionBlocks` and following ones that any server has saved, in any order. */
  load(file: ShelvedFile, section: number): Awaitable<readonly DigestRun[]>;
  /**
   * Add digests to a section. When this resolves, every server loads them. What others save at the same time is not
   * lost.
   *
   * @param runs all that this server knows of the section, also what it has loaded: a shelf without locks can have an
   * object of each server's own, replace it as a whole, and give the union of all.
   */
  save(file: ShelvedFile, section: number, runs: readonly DigestRun[]): Awaitable<void>;
  /** Let go of everything. No call is under way. */
  close(): Awaitable<void>;
}

/** A name for `file`, the same on every server, which tells nothing of its path: 64 hexadecimal digits. */
export function shelfName({path, state, size, algorithm}: ShelvedFile): string {
  const facts = Buffer.from(`${algorithm}\n${size}\n${state}\n`);
  return hash('sha256', Buffer.concat([facts, nameToBytes(path)]), 'hex');
}
