/** Blocks of zeros: a disk that has holes need not hold them. */
import {Buffer} from 'node:buffer';
import {blockSize} from '../../../protocol/block.ts';

const zeros = Buffer.alloc(blockSize);

/** Whether `bytes`, at most one block, are zeros and nothing else; no bytes are not. */
export function isZeros(bytes: Uint8Array): boolean {
  // The first byte settles it for nearly all.
  return bytes[0] === 0 && zeros.compare(bytes, 0, bytes.length, 0, bytes.length) === 0;
}
