/**
 * The interface between the digests in memory and the place that keeps them after the process ends. One shelf serves all
 * servers of the same files: any server loads what another one has saved.
 *
 *     DigestIndex (memory) ──save──▶ shelf ──load──▶ DigestIndex of this server after a restart, or of another server
 *
 * Digests are saved and loaded by the **section**, of at most 4096 blocks. A section is small enough to be rewritten as a
 * whole often, which suits shelves that can only replace whole objects.
 */
import {Buffer} from 'node:buffer';
import {hash} from 'node:crypto';
import type {DigestAlgorithm} from '../../protocol/block.ts';
import {nameToBytes} from '../../protocol/remote-path.ts';
import type {Awaitable} from '../waiting/awaitable.ts';

/** Blocks of a section: 4 GiB of a file, 128 KiB of digests. The last section of a file has fewer. */
export const sectionBlocks = 4096;

/** The file state and algorithm that digests belong to. The first three fields are those of a `StoredFile`. */
export type ShelvedFile = {
  readonly path: string;
  readonly state: string;
  /** Bytes. */
  readonly size: number;
  readonly algorithm: DigestAlgorithm;
};

/** Digests of consecutive blocks, concatenated; `first` is the first block, counted from the front of the file. */
export type DigestRun = {readonly first: number; readonly digests: Uint8Array};

/**
 * `load` and `save` may fail or hang: the caller then goes on without the shelf. A shelf checks what it reads (another
 * server may be writing it, a disk may have damaged it) and leaves out invalid data.
 */
export interface DigestShelf {
  /** The digests of a section, from block `section × sectionBlocks` on, that any server has saved; in any order. */
  load(file: ShelvedFile, section: number): Awaitable<readonly DigestRun[]>;
  /**
   * Add digests to a section. When this resolves, every server can load them. Digests that other servers save at the same
   * time are not lost.
   *
   * @param runs all digests of the section that this server knows, including loaded ones: a shelf without locks can keep
   * one object for each server, replace it as a whole, and load the union of all objects.
   */
  save(file: ShelvedFile, section: number, runs: readonly DigestRun[]): Awaitable<void>;
  /** Release everything. No call may be running. */
  close(): Awaitable<void>;
}

/** A name for `file`, the same on every server, which does not reveal its path: 64 hexadecimal digits. */
export function shelfName({path, state, size, algorithm}: ShelvedFile): string {
  const facts = Buffer.from(`${algorithm}\n${size}\n${state}\n`);
  return hash('sha256', Buffer.concat([facts, nameToBytes(path)]), 'hex');
}
