/** Frames as plain values, random frames, and a sink that collects frames. */
import {Buffer} from 'node:buffer';
import fc from 'fast-check';
import {blockSize, digestSize} from '../../protocol/block.ts';
import {
  type BlockHeader,
  blockHeaderSize,
  compressedHeaderSize,
  encodeFrame,
  type FrameKind,
  frameKinds,
  writeBlockHeader,
} from '../../protocol/frame.ts';
import type {FrameSink} from '../../protocol/frame-decoder.ts';

type PlainFrame =
  | {kind: FrameKind; payload: string}
  | {offset: number; digest: string; bytes: string; plainLength?: number};

export const allKinds: ReadonlySet<FrameKind> = new Set(Object.values(frameKinds));

/** Keeps every frame as hexadecimal text. Has no memory for a block while `starved` returns true. */
export class CollectingSink implements FrameSink {
  readonly frames: PlainFrame[] = [];
  readonly #starved: () => boolean;

  constructor(starved: () => boolean = () => false) {
    this.#starved = starved;
  }

  control(kind: FrameKind, payload: Buffer): void {
    this.frames.push({kind, payload: payload.toString('hex')});
  }

  blockMemory(header: BlockHeader): Buffer | undefined {
    // Longer than requested, like memory from a pool.
    return this.#starved() ? undefined : Buffer.alloc(header.length + 7, 0xee);
  }

  block(header: BlockHeader, memory: Buffer): void {
    this.frames.push({
      offset: header.offset,
      digest: header.digest.toString('hex'),
      bytes: memory.toString('hex', 0, header.compressedLength ?? header.length),
      ...(header.compressedLength === undefined ? {} : {plainLength: header.length}),
    });
  }
}

/** The bytes of `frame` on the wire. */
export function encodePlain(frame: PlainFrame): Buffer {
  if ('kind' in frame) {
    return encodeFrame(frame.kind, Buffer.from(frame.payload, 'hex'));
  }

  const bytes = Buffer.from(frame.bytes, 'hex');
  const size = frame.plainLength === undefined ? blockHeaderSize : compressedHeaderSize;
  const header = Buffer.alloc(size);
  const digest = Buffer.from(frame.digest, 'hex');
  const {offset, plainLength: length = bytes.length} = frame;
  const compressedLength = frame.plainLength === undefined ? undefined : bytes.length;
  writeBlockHeader(header, {offset, digest, length, compressedLength});
  return Buffer.concat([header, bytes]);
}

const hexBytes = (minLength: number, maxLength: number) =>
  fc.uint8Array({minLength, maxLength}).map(bytes => Buffer.from(bytes).toString('hex'));

// A few repeated bytes: larger than every internal buffer, and quick to make.
const longHex = fc
  .tuple(hexBytes(1, 8), fc.integer({min: 8000, max: 30_000}))
  .map(([part, times]) => part.repeat(times));

const controlFrame = fc.record(
  {
    kind: fc.constantFrom(
      ...[...allKinds].filter(kind => kind !== frameKinds.block && kind !== frameKinds.compressed),
    ),
    payload: fc.oneof({weight: 8, arbitrary: hexBytes(0, 300)}, longHex),
  },
  {noNullPrototype: true},
);

const blockFields = {
  offset: fc.maxSafeNat(),
  digest: hexBytes(digestSize, digestSize),
  bytes: fc.oneof(
    {weight: 4, arbitrary: hexBytes(1, 600)},
    {weight: 1, arbitrary: longHex},
    // Long enough that the decoder reads exactly its bytes, and then exactly the next header.
    {weight: 1, arbitrary: hexBytes(2, 2).map(part => part.repeat(150_000))},
  ),
};

const blockFrame = fc.record(blockFields, {noNullPrototype: true});

const compressedFrame = fc.record(
  {...blockFields, plainLength: fc.integer({min: 300_001, max: blockSize})},
  {noNullPrototype: true},
);

export const arbitraryFrames: fc.Arbitrary<PlainFrame[]> = fc.array(
  fc.oneof(controlFrame, blockFrame, compressedFrame),
  {maxLength: 8},
);
