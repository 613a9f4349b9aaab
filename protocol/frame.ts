/**
 * Frames: an 8-byte header and a payload.
 *
 *     0        4      5      6        8
 *     ├────────┼──────┼──────┼────────┼───────────────┄
 *     │ length │ kind │  0   │   0    │ payload
 *     └────────┴──────┴──────┴────────┴───────────────┄
 *
 * A block frame's payload begins with the offset (8 bytes) and the digest (32 bytes), so a sender can read a file into
 * memory directly after a 48-byte header. For a compressed block, the uncompressed length (4 bytes) follows these.
 */
import {Buffer} from 'node:buffer';
import {digestSize} from './block.ts';

/** The first bytes that a client sends. */
export const preface = Buffer.from('jangada/1\r\n', 'latin1');

export const frameKinds = {
  // Requests.
  list: 0x01,
  stat: 0x02,
  find: 0x03,
  digestsRequest: 0x04,
  get: 0x05,
  hash: 0x06,
  ping: 0x07,
  login: 0x08,
  filesRequest: 0x09,
  rootsRequest: 0x0a,
  // Answers.
  hello: 0x40,
  entries: 0x41,
  entry: 0x42,
  digests: 0x43,
  file: 0x44,
  block: 0x45,
  progress: 0x46,
  hashed: 0x47,
  pong: 0x48,
  welcome: 0x49,
  files: 0x4a,
  roots: 0x4b,
  compressed: 0x4c,
  end: 0x4e,
  error: 0x4f,
} as const;

export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

/** All numbers of kinds. */
export const knownKinds: ReadonlySet<number> = new Set(Object.values(frameKinds));

/** Bytes of a frame's header. */
export const headerSize = 8;

/** Bytes of a block frame before the block's own bytes: header, offset, digest. */
export const blockHeaderSize = headerSize + 8 + digestSize;

/** The largest payload of a frame that is not a block, in bytes. */
export const maxControlPayload = 262_144;

/** Bytes of a block frame's payload before the block's own bytes: offset, digest. */
export const blockPrefixSize = 8 + digestSize;

/** Bytes of a compressed block's frame, and of its payload, before the compressed bytes. */
export const compressedHeaderSize = blockHeaderSize + 4;
export const compressedPrefixSize = blockPrefixSize + 4;

export type BlockHeader = {
  /** Where the block begins in its file, in bytes. */
  offset: number;
  /** The digest of the block, 32 bytes. */
  digest: Buffer;
  /** Bytes of the block, uncompressed. */
  length: number;
  /** Compressed length, less than `length`; undefined if the block is not compressed. */
  compressedLength?: number | undefined;
};

/** A whole frame with the given payload. */
export function encodeFrame(kind: FrameKind, payload: Uint8Array | string): Buffer {
  const length = Buffer.byteLength(payload);
  const frame = Buffer.allocUnsafe(headerSize + length);
  writeHeader(frame, kind, length);
  if (typeof payload === 'string') {
    frame.write(payload, headerSize, 'utf8');
  } else {
    frame.set(payload, headerSize);
  }

  return frame;
}

/** Write the header of a frame whose payload has `length` bytes into the front of `target`. */
export function writeHeader(target: Buffer, kind: FrameKind, length: number): void {
  target.writeUInt32BE(length, 0);
  target[4] = kind;
  target[5] = 0;
  target[6] = 0;
  target[7] = 0;
}

/**
 * Write the header of a block into the front of `target`: 48 bytes, or 52 for a compressed block. The bytes of the block
 * belong directly after it.
 */
export function writeBlockHeader(target: Buffer, block: BlockHeader): void {
  const {offset, digest, length, compressedLength} = block;
  if (compressedLength === undefined) {
    writeHeader(target, frameKinds.block, blockPrefixSize + length);
  } else {
    writeHeader(target, frameKinds.compressed, compressedPrefixSize + compressedLength);
    target.writeUInt32BE(length, blockHeaderSize);
  }

  target.writeBigUInt64BE(BigInt(offset), headerSize);
  target.set(digest, headerSize + 8);
}
