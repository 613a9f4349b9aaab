/** A block as one frame of Zstandard, made on a thread of Node's own: clients of others are served meanwhile. */
import type {Buffer} from 'node:buffer';
import process from 'node:process';

/** Whether this Node has Zstandard. */
export const canCompress = 'zstd' in process.versions;

/** The levels that are used, the fastest first: each takes longer than the one before it, and gives less to send. */
export const compressionLevels = [1, 3, 6] as const;
export type CompressionLevel = (typeof compressionLevels)[number];

/** Pieces of at least this length have memory of their own, and not a share of Node's. */
const shortestPiece = 65_536;

/**
 * Put the bytes of a block, compressed, into the front of `room`, which may be the memory of the block itself. The frame
 * says how long the block is, and its window is no longer than that.
 *
 * @returns their number; undefined if they are more than there is room for, or than the block has. Then nothing is changed.
 */
export function compressBlock(
  block: Buffer,
  level: CompressionLevel,
  room: Buffer,
): Promise<number | undefined> {
  // Loaded when it is used: most servers never do.
  const {constants, createZstdCompress} = process.getBuiltinModule('node:zlib');
  // Not `zstdCompress`: that gives a block to the library in two calls, which costs a copy of it and of its frame.
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
      // A piece that is full may not be all.
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

/** Garbage collection comes late: a hundred such pieces would stay in memory. */
function free({buffer}: Buffer<ArrayBuffer>): void {
  buffer.transfer(0);
}
