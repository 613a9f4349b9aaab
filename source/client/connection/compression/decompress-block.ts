/**
 * Blocks that travelled compressed, as one frame of Zstandard each. No more memory is used than for a block: a
 * frame that would give more, or wants a larger window, is refused before it is decompressed.
 */
import type {Buffer} from 'node:buffer';
import process from 'node:process';
import type {Zlib} from 'node:zlib';
import {blockSize} from '../../../../protocol/block.ts';
import {JangadaError} from '../../../../protocol/errors.ts';
import type {BlockHeader} from '../../../../protocol/frame.ts';

/** Whether this Node has Zstandard. */
export const canDecompress = 'zstd' in process.versions;

/** Pieces of at least this length have memory of their own, and not a share of Node's. */
const shortestPiece = 65_536;

/**
 * Put the block in the place of the bytes as which it travelled, in the front of `memory`. Its digest is not
 * checked here. It is done on this thread: a block takes about a millisecond, and is asked for in this form only
 * where the way to the server takes far longer.
 *
 * @throws JangadaError `digest_mismatch` if the bytes are not exactly that block.
 */
export function decompressBlock({length, compressedLength}: BlockHeader, memory: Buffer): void {
  const {buffer, readBytes} = decompress(memory.subarray(0, compressedLength), length);
  if (buffer.length !== length || readBytes !== compressedLength) {
    throw damaged();
  }

  buffer.copy(memory);
  // Free now: the collector of garbage would let a hundred such pieces lie.
  buffer.buffer.transfer(0);
}

function decompress(
  compressed: Buffer,
  length: number,
): {buffer: Buffer<ArrayBuffer>; readBytes: number} {
  // Loaded when it is used: most connections never do.
  const {constants, zstdDecompressSync} = process.getBuiltinModule('node:zlib');
  try {
    const given: unknown = zstdDecompressSync(compressed, {
      // In one piece, without a second one to look whether there is more.
      chunkSize: Math.max(shortestPiece, length + 1),
      maxOutputLength: length,
      params: {[constants.ZSTD_d_windowLogMax]: Math.log2(blockSize)},
      info: true,
    });
    // With `info` it is this, says the documentation, and the types do not.
    const {buffer, engine} = given as {buffer: Buffer<ArrayBuffer>; engine: Zlib};
    return {buffer, readBytes: engine.bytesWritten};
  } catch (error) {
    throw damaged(error);
  }
}

function damaged(cause?: unknown): JangadaError {
  return new JangadaError('digest_mismatch', 'A block arrived damaged: it cannot be decompressed', {
    cause,
  });
}
