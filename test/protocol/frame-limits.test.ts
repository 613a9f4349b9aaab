import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {blockSize} from '../../protocol/block.ts';
import {
  type BlockHeader,
  blockHeaderSize,
  compressedHeaderSize,
  encodeFrame,
  frameKinds,
  maxControlPayload,
  writeBlockHeader,
} from '../../protocol/frame.ts';
import {FrameDecoder} from '../../protocol/frame-decoder.ts';
import {allKinds, CollectingSink} from './frames.ts';

/** Only its header: the bytes of the block have not come. */
function headerOf(block: Omit<BlockHeader, 'digest'>): BlockHeader | undefined {
  const size = block.compressedLength === undefined ? blockHeaderSize : compressedHeaderSize;
  const header = Buffer.alloc(size);
  writeBlockHeader(header, {...block, digest: Buffer.alloc(32, 7)});
  let begun: BlockHeader | undefined;
  const sink = new CollectingSink();
  sink.blockMemory = told => {
    begun = told;
    return undefined;
  };
  new FrameDecoder(sink, {accept: allKinds}).push(header);
  return begun;
}

for (const [what, block] of [
  ['a whole block', {offset: 0, length: blockSize}],
  ['a block of one byte', {offset: 0, length: 1}],
  ['a block at the last offset', {offset: Number.MAX_SAFE_INTEGER, length: 1}],
  ['the longest compressed block', {offset: 0, length: blockSize, compressedLength: blockSize - 1}],
  ['the shortest compressed block', {offset: 0, length: 2, compressedLength: 1}],
] as const) {
  test(`${what} is within the limits`, () => {
    assert.deepEqual(headerOf(block), {...block, digest: Buffer.alloc(32, 7)});
  });
}

test('the largest control frame is within the limits', () => {
  const sink = new CollectingSink();
  const frame = encodeFrame(frameKinds.entries, Buffer.alloc(maxControlPayload));
  new FrameDecoder(sink, {accept: allKinds}).push(frame);
  assert.equal(sink.frames.length, 1);
});
