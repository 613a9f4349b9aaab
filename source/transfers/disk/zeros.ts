/** Finds blocks of zeros, which need no space on a disk that supports holes. */
import {Buffer} from 'node:buffer';
import {blockSize} from '../../../protocol/block.ts';

const zeros = Buffer.alloc(blockSize);

/** Whether `bytes`, at most one block, consists of zeros only; false if it is empty. */
export function isZeros(bytes: Uint8Array): boolean {
  // The first byte decides in nearly all cases.
  return bytes[0] === 0 && zeros.compare(bytes, 0, bytes.length, 0, bytes.length) === 0;
}
