/**
 * Decompresses blocks that were sent as one frame of Zstandard each. It needs no more memory than a plain block: a
 * frame that would give more bytes, or needs a larger window, is refused before it is decompressed.
 */
import type {Buffer} from 'node:buffer';
import process from 'node:process';
import type {Zlib} from 'node:zlib';
import {blockSize} from '../../../../protocol/block.ts';
import {JangadaError} from '../../../../protocol/errors.ts';
import type {BlockHeader} from '../../../../protocol/frame.ts';

/** Whether this Node has Zstandard. */
export const canDecompress = 'zstd' in process.versions;

/** Node gives a buffer of at least this length its own memory, not a part of its shared pool. */
const shortestPiece = 65_536;

/**
 * Replaces the compressed bytes at the front of `memory` by the decompressed block. The digest is not checked here. It
 * runs on this thread: it takes about a millisecond, and blocks are compressed only where the link takes far longer.
 *
 * @throws JangadaError `digest_mismatch` if the bytes are not exactly that block.
 */
export function decompressBlock({length, compressedLength}: BlockHeader, memory: Buffer): void {
  const {buffer, readBytes} = decompress(memory.subarray(0, compressedLength), length);
  if (buffer.length !== length || readBytes !== compressedLength) {
    throw damaged();
  }

  buffer.copy(memory);
  // Free the memory now: the garbage collector would keep a hundred such buffers for a while.
  buffer.buffer.transfer(0);
}

function decompress(
  compressed: Buffer,
  length: number,
): {buffer: Buffer<ArrayBuffer>; readBytes: number} {
  // Loaded at first use: most connections never need it.
  const {constants, zstdDecompressSync} = process.getBuiltinModule('node:zlib');
  try {
    const given: unknown = zstdDecompressSync(compressed, {
      // All output in one buffer, with one byte more, so that zlib needs no second buffer to see that the output has
      // ended.
      chunkSize: Math.max(shortestPiece, length + 1),
      maxOutputLength: length,
      params: {[constants.ZSTD_d_windowLogMax]: Math.log2(blockSize)},
      info: true,
    });
    // The documentation says that `info` gives this type; the type declarations do not say it.
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
