/**
 * Blocks and digests. A file is split at multiples of 1 MiB, and each block has a digest. The root digest, the hash of all
 * block digests in order, identifies the whole content.
 */
import type {Buffer} from 'node:buffer';
import {createHash, hash} from 'node:crypto';
import {createRequire} from 'node:module';
import {JangadaError} from './errors.ts';

/** Bytes of a block; the last block of a file may be shorter. */
export const blockSize = 1_048_576;

/** Bytes of a digest, whatever the algorithm. */
export const digestSize = 32;

/** Every algorithm of block digests, the preferred one first. */
export const digestAlgorithms = ['blake3', 'sha256'] as const;
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

/** Algorithms of a `hash` request. */
export const hashAlgorithms = ['sha1', 'sha256', 'blake3'] as const;
export type HashAlgorithm = (typeof hashAlgorithms)[number];

/** Number of blocks of a file of `size` bytes: 0 for an empty one. */
export function blockCount(size: number): number {
  return Math.ceil(size / blockSize);
}

/** Bytes of block `index` of a file of `size` bytes. */
export function blockLength(size: number, index: number): number {
  return Math.max(0, Math.min(blockSize, size - index * blockSize));
}

/** A hash of bytes that arrive piece by piece. */
export type RunningHash = {
  update(bytes: Uint8Array): RunningHash;
  digest(encoding: 'hex'): string;
};

type Blake3 = {
  readonly blake3: (input: Uint8Array) => Buffer;
  readonly Blake3Hasher: new () => RunningHash;
};

/** The algorithms that this process can compute, the preferred one first. */
export function availableAlgorithms(): readonly DigestAlgorithm[] {
  return blake() === undefined ? ['sha256'] : digestAlgorithms;
}

/** The preferred algorithm that both this process and a peer that offers `offered` can compute. */
export function chooseAlgorithm(offered: readonly DigestAlgorithm[]): DigestAlgorithm {
  return availableAlgorithms().find(algorithm => offered.includes(algorithm)) ?? 'sha256';
}

let loaded: {readonly blake: Blake3 | undefined} | undefined;

/**
 * The optional BLAKE3 package, prebuilt for the common systems; without it, only SHA-256 is available. Loaded at its first
 * use, so that a program starts faster.
 */
function blake(): Blake3 | undefined {
  loaded ??= {blake: loadBlake()};
  return loaded.blake;
}

function loadBlake(): Blake3 | undefined {
  try {
    // The names and types come from its documentation.
    return createRequire(import.meta.url)('@napi-rs/blake-hash') as Blake3;
  } catch {
    return undefined;
  }
}

/**
 * The digest of one block, or of any bytes: 32 bytes. Computed on this thread.
 *
 * @throws JangadaError `bad_request` for an algorithm that is not in `availableAlgorithms`.
 */
export function digestOf(algorithm: DigestAlgorithm, bytes: Uint8Array): Buffer {
  if (algorithm === 'sha256') {
    return hash('sha256', bytes, 'buffer');
  }

  return neededBlake().blake3(bytes);
}

/**
 * Begin to hash the bytes of a file.
 *
 * @throws JangadaError `bad_request` for BLAKE3 if it is not available.
 */
export function startHash(algorithm: HashAlgorithm): RunningHash {
  return algorithm === 'blake3' ? new (neededBlake().Blake3Hasher)() : createHash(algorithm);
}

function neededBlake(): Blake3 {
  const found = blake();
  if (found === undefined) {
    throw new JangadaError('bad_request', 'BLAKE3 is not available here');
  }

  return found;
}

/**
 * The root digest of a file: the hash of `digests`, its concatenated block digests (32 bytes each), with the same
 * algorithm. The root digest of an empty file is the hash of no bytes.
 */
export function rootDigest(algorithm: DigestAlgorithm, digests: Uint8Array): Buffer {
  return digestOf(algorithm, digests);
}
