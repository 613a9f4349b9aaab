/** Compresses a block into one Zstandard frame, on a thread of Node's pool: the server answers other clients meanwhile. */
import type {Buffer} from 'node:buffer';
import process from 'node:process';

/** Whether this Node has Zstandard. */
export const canCompress = 'zstd' in process.versions;

/** The levels of compression, the fastest first: each takes longer than the one before it, and gives fewer bytes. */
export const compressionLevels = [1, 3, 6] as const;
export type CompressionLevel = (typeof compressionLevels)[number];

/** Buffers of at least this length have memory of their own instead of a part of Node's buffer pool. */
const shortestPiece = 65_536;

/**
 * Compress a block into the front of `room`, which may be the memory of the block itself. The frame names the length of
 * the block, and its window is not longer than the block.
 *
 * @returns the compressed length; undefined if that is longer than `room` or than the block. Then `room` is unchanged.
 */
export function compressBlock(
  block: Buffer,
  level: CompressionLevel,
  room: Buffer,
): Promise<number | undefined> {
  // Loaded at the first use: most servers never compress.
  const {constants, createZstdCompress} = process.getBuiltinModule('node:zlib');
  // Not `zstdCompress`: it passes a block to the library in two calls, which copies the block and the frame.
  const chunkSize = Math.max(shortestPiece, block.length);
  const engine = createZstdCompress({
    chunkSize,
    flush: constants.ZSTD_e_end,
    pledgedSrcSize: block.length,
    params: {[constants.ZSTD_c_compressionLevel]: level},
  });
  return new Promise((resolve, reject) => {
    engine.once('error', reject);
    engine.once('data', (compressed: Buffer<ArrayBuffer>) => {
      const {length} = compressed;
      // A full piece may be only the beginning of the frame.
      const fits = length < chunkSize && length <= room.length;
      if (fits) {
        compressed.copy(room);
      }

      free(compressed);
      engine.destroy();
      resolve(fits ? length : undefined);
    });
    engine.write(block);
  });
}

/** Free the memory now: garbage collection comes late, and a hundred such pieces would stay in memory. */
function free({buffer}: Buffer<ArrayBuffer>): void {
  buffer.transfer(0);
}
