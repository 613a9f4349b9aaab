/** A block as one frame of Zstandard, made on a thread of Node's own: clients of others are served meanwhile. */
import type {Buffer} from 'node:buffer';
import process from 'node:process';

/** Whether this Node has Zstandard. */
export const canPack = 'zstd' in process.versions;

/** The levels that are used, the fastest first: each takes longer than the one before it, and gives less to send. */
export const packingLevels = [1, 3, 6] as const;
export type PackingLevel = (typeof packingLevels)[number];

/**
 * The bytes of a block, compressed: maybe more than it has. The frame says how long the block is, and its window
 * is no longer than that. `block` must not change before it is done.
 */
export function packBlock(block: Buffer, level: PackingLevel): Promise<Buffer> {
  // Loaded when it is used: most servers never do.
  const {constants, zstdCompress} = process.getBuiltinModule('node:zlib');
  return new Promise((resolve, reject) => {
    zstdCompress(
      block,
      {
        // In one piece.
        chunkSize: Math.max(shortestPiece, block.length),
        pledgedSrcSize: block.length,
        params: {[constants.ZSTD_c_compressionLevel]: level},
      },
      (error, packed) => (error === null ? resolve(packed) : reject(error)),
    );
  });
}

/** Zlib takes no shorter pieces. */
const shortestPiece = 64;
