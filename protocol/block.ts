/**
 * Blocks and digests. A file is cut at multiples of 1 MiB; each block has a digest, and the
 * root digest, the hash of the digests in order, is one name for the whole content.
 */
import type {Buffer} from 'node:buffer';
import {hash} from 'node:crypto';
import {createRequire} from 'node:module';
import {JangadaError} from './errors.ts';

/** Bytes of a block; the last block of a file may be shorter. */
export const blockSize = 1_048_576;

/** Bytes of a digest, whatever the algorithm. */
export const digestSize = 32;

/** Every algorithm a block digest can have, the preferred one first. */
export const digestAlgorithms = ['blake3', 'sha256'] as const;
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

/** Algorithms of a `hash` request. */
export const hashAlgorithms = ['sha1', 'sha256'] as const;
export type HashAlgorithm = (typeof hashAlgorithms)[number];

/** Number of blocks of a file of `size` bytes: 0 for an empty one. */
export function blockCount(size: number): number {
  return Math.ceil(size / blockSize);
}

/** Bytes of block `index` of a file of `size` bytes. */
export function blockLength(size: number, index: number): number {
  return Math.max(0, Math.min(blockSize, size - index * blockSize));
}

type Blake3 = (input: Uint8Array) => Buffer;

// An optional dependency: prebuilt for the common systems, absent elsewhere, and then
// SHA-256 is all that is offered.
const blake3: Blake3 | undefined = (() => {
  try {
    const {blake3} = createRequire(import.meta.url)('@napi-rs/blake-hash') as {blake3: Blake3};
    return blake3;
  } catch {
    return undefined;
  }
})();

/** The algorithms that this process can compute, the preferred one first. */
export const availableAlgorithms: readonly DigestAlgorithm[] =
  blake3 === undefined ? ['sha256'] : digestAlgorithms;

/** The preferred algorithm that both this process and a peer that offers `offered` can compute. */
export function chooseAlgorithm(offered: readonly DigestAlgorithm[]): DigestAlgorithm {
  return availableAlgorithms.find(algorithm => offered.includes(algorithm)) ?? 'sha256';
}

/**
 * The digest of one block, or of any bytes: 32 bytes, computed on this thread.
 *
 * @throws JangadaError `bad_request` for an algorithm that is not in `availableAlgorithms`.
 */
export function digestOf(algorithm: DigestAlgorithm, bytes: Uint8Array): Buffer {
  if (algorithm === 'sha256') {
    return hash('sha256', bytes, 'buffer');
  }

  if (blake3 === undefined) {
    throw new JangadaError('bad_request', 'BLAKE3 is not available here');
  }

  return blake3(bytes);
}

/**
 * The root digest of a file: the hash of `digests`, its block digests one after the other
 * (32 bytes each), with the same algorithm. An empty file has the hash of nothing.
 */
export function rootDigest(algorithm: DigestAlgorithm, digests: Uint8Array): Buffer {
  return digestOf(algorithm, digests);
}
