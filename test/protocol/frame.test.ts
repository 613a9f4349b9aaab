import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import fc from 'fast-check';
import {blockSize} from '../../protocol/block.ts';
import {isJangadaError} from '../../protocol/errors.ts';
import {
  blockHeaderSize,
  compressedHeaderSize,
  encodeFrame,
  frameKinds,
  headerSize,
  maxControlPayload,
} from '../../protocol/frame.ts';
import {FrameDecoder} from '../../protocol/frame-decoder.ts';
import {allKinds, arbitraryFrames, CollectingSink, encodePlain} from './frames.ts';

// The sizes of successive pieces of a stream. The test repeats the list, so a few numbers are enough for a long stream.
const cuts = fc.array(fc.oneof(fc.integer({min: 1, max: 60}), fc.integer({min: 1, max: 90_000})), {
  minLength: 1,
  maxLength: 20,
});

test('any split of the bytes gives the same frames, pushed', () => {
  fc.assert(
    fc.property(arbitraryFrames, cuts, (frames, sizes) => {
      const sink = new CollectingSink();
      const decoder = new FrameDecoder(sink, {accept: allKinds});
      for (const piece of pieces(Buffer.concat(frames.map(encodePlain)), sizes)) {
        assert.equal(decoder.push(piece), true);
      }

      assert.deepEqual(sink.frames, frames);
      assert.equal(decoder.midFrame, false);
    }),
    {numRuns: 150},
  );
});

test('any split of the bytes gives the same frames, read into the target', () => {
  fc.assert(
    fc.property(arbitraryFrames, cuts, (frames, sizes) => {
      const sink = new CollectingSink();
      const decoder = new FrameDecoder(sink, {accept: allKinds});
      readIntoTarget(decoder, Buffer.concat(frames.map(encodePlain)), sizes);
      assert.deepEqual(sink.frames, frames);
      assert.equal(decoder.midFrame, false);
    }),
    {numRuns: 150},
  );
});

test('a sink without memory for a block gets the same frames once it resumes', () => {
  const starvations = fc.array(fc.integer({min: 0, max: 3}), {minLength: 1, maxLength: 6});
  // How many bytes still arrive while the decoder is blocked: a socket delivers bytes that were already on the way.
  const late = fc.integer({min: 0, max: 100_000});
  fc.assert(
    fc.property(arbitraryFrames, cuts, starvations, late, (frames, sizes, refusals, lateBytes) => {
      let asked = 0;
      let left = 0;
      const sink = new CollectingSink(() => {
        left = left > 0 ? left - 1 : (refusals[asked++ % refusals.length] ?? 0);
        return left > 0;
      });
      const decoder = new FrameDecoder(sink, {accept: allKinds});
      readIntoTarget(decoder, Buffer.concat(frames.map(encodePlain)), sizes, lateBytes);
      assert.deepEqual(sink.frames, frames);
      assert.equal(decoder.blocked, false);
    }),
    {numRuns: 150},
  );
});

test('while blocked, the decoder delivers nothing, keeps at most a frame and says when it is full', () => {
  let starved = true;
  const sink = new CollectingSink(() => starved);
  const decoder = new FrameDecoder(sink, {accept: allKinds, maxPayload: 1000});
  const block = encodePlain({offset: 0, digest: '00'.repeat(32), bytes: 'ab'.repeat(200_000)});
  assert.equal(decoder.push(block.subarray(0, blockHeaderSize)), false);
  assert.equal(decoder.blocked, true);

  let at = blockHeaderSize;
  for (let target = decoder.target(); target.length > 0; target = decoder.target()) {
    const count = block.copy(target, 0, at, at + 5000);
    assert.equal(decoder.received(count), false);
    at += count;
  }

  assert.ok(at <= blockHeaderSize + 65_536, `kept ${at} bytes`);
  assert.throws(() => decoder.push(Buffer.alloc(1)), /while blocked/);
  assert.deepEqual(sink.frames, []);

  starved = false;
  assert.equal(decoder.resume(), true);
  assert.equal(decoder.push(block.subarray(at)), true);
  assert.equal(sink.frames.length, 1);
});

test('while blocked, the decoder keeps bytes that still arrive, even more than its first buffer holds', () => {
  let starved = true;
  const sink = new CollectingSink(() => starved);
  const decoder = new FrameDecoder(sink, {accept: allKinds});
  const frame = {offset: 0, digest: '00'.repeat(32), bytes: 'ab'.repeat(200_000)};
  const block = encodePlain(frame);
  assert.equal(decoder.push(block.subarray(0, 60_000)), false);
  assert.equal(decoder.push(block.subarray(60_000, 120_000)), false);
  assert.deepEqual(sink.frames, []);

  starved = false;
  assert.equal(decoder.resume(), true);
  assert.equal(decoder.push(block.subarray(120_000)), true);
  assert.deepEqual(sink.frames, [frame]);
});

test('the decoder uses memory that became free only after resume', () => {
  let starved = true;
  const sink = new CollectingSink(() => starved);
  const decoder = new FrameDecoder(sink, {accept: allKinds});
  const block = encodePlain({offset: 0, digest: '11'.repeat(32), bytes: 'cd'.repeat(10)});
  decoder.push(block.subarray(0, blockHeaderSize + 3));
  starved = false;
  assert.equal(decoder.push(block.subarray(blockHeaderSize + 3)), false);
  assert.deepEqual(sink.frames, []);
  assert.equal(decoder.resume(), true);
  assert.equal(sink.frames.length, 1);
  assert.equal(decoder.blocked, false);
});

test("a large block's bytes land in the sink's own memory", () => {
  const memory = Buffer.alloc(blockSize);
  let landed = 0;
  const decoder = new FrameDecoder(
    {control() {}, blockMemory: () => memory, block() {}},
    {accept: allKinds},
  );
  const block = encodePlain({offset: 0, digest: '22'.repeat(32), bytes: 'ef'.repeat(blockSize)});
  // Two blocks, so that the second follows a large block directly.
  const stream = Buffer.concat([block, block]);
  for (let at = 0; at < stream.length; ) {
    const target = decoder.target();
    const count = stream.copy(target, 0, at, at + 50_000);
    landed += target.buffer === memory.buffer ? count : 0;
    decoder.received(count);
    at += count;
  }

  assert.ok(landed >= 2 * blockSize - 50_000, `only ${landed} bytes came without a copy`);
});

for (const [what, plainLength, size] of [
  ['plain', undefined, blockHeaderSize],
  ['compressed', blockSize, compressedHeaderSize],
] as const) {
  test(`after a large ${what} block only the header of another one is read, not bytes that would have to be copied`, () => {
    const decoder = new FrameDecoder(
      {control() {}, blockMemory: () => Buffer.alloc(blockSize), block() {}},
      {accept: allKinds},
    );
    const bytes = 'ef'.repeat(blockSize / 2);
    const more = plainLength === undefined ? {} : {plainLength};
    decoder.push(encodePlain({offset: 0, digest: '22'.repeat(32), bytes, ...more}));
    assert.equal(decoder.target().length, size);
  });
}

test('the decoder reports each byte of a block once, as it arrives, also the bytes directly after the header', () => {
  const told: number[] = [];
  let blocks = 0;
  const decoder = new FrameDecoder(
    {
      control() {},
      blockMemory: () => Buffer.alloc(blockSize),
      landed: bytes => told.push(bytes),
      block: () => blocks++,
    },
    {accept: allKinds},
  );
  const block = encodePlain({offset: 0, digest: '22'.repeat(32), bytes: 'ef'.repeat(blockSize)});
  decoder.push(block.subarray(0, blockHeaderSize + 1000));
  assert.deepEqual(told, [1000]);
  decoder.push(block.subarray(blockHeaderSize + 1000, blockHeaderSize + 3000));
  assert.deepEqual(told, [1000, 2000]);
  assert.equal(blocks, 0);
  decoder.push(block.subarray(blockHeaderSize + 3000));
  assert.equal(
    told.reduce((sum, bytes) => sum + bytes),
    blockSize,
  );
  assert.equal(blocks, 1);
});

test('the decoder reports a compressed block by its uncompressed size, in proportion to the bytes that arrive', () => {
  const told: number[] = [];
  const decoder = new FrameDecoder(
    {
      control() {},
      blockMemory: () => Buffer.alloc(blockSize),
      landed: bytes => told.push(bytes),
      block: () => told.push(-1),
    },
    {accept: allKinds},
  );
  const plainLength = 3000;
  const frame = {offset: 0, digest: '22'.repeat(32), bytes: 'ef'.repeat(1000), plainLength};
  const compressed = encodePlain(frame);
  decoder.push(compressed.subarray(0, compressedHeaderSize + 100));
  decoder.push(compressed.subarray(compressedHeaderSize + 100, compressedHeaderSize + 600));
  decoder.push(compressed.subarray(compressedHeaderSize + 600));
  assert.deepEqual(told, [300, 1500, 1200, -1]);
});

test('a block header that arrives in pieces needs no larger buffer', () => {
  const decoder = new FrameDecoder(new CollectingSink(), {accept: allKinds});
  const block = encodePlain({offset: 0, digest: '33'.repeat(32), bytes: '44'.repeat(blockSize)});
  for (let at = 0; at < blockHeaderSize - 1; at++) {
    decoder.push(block.subarray(at, at + 1));
    assert.ok(decoder.target().buffer.byteLength <= 65_536);
  }
});

test('a control frame arrives whole, whether it fits into the first buffer or is a few bytes too long', () => {
  for (let length = 65_536 - headerSize - 1; length <= 65_537; length++) {
    const payload = Buffer.alloc(length, 0x20);
    const sink = new CollectingSink();
    new FrameDecoder(sink, {accept: allKinds}).push(encodeFrame(frameKinds.entries, payload));
    assert.deepEqual(sink.frames, [{kind: frameKinds.entries, payload: payload.toString('hex')}]);
  }
});

const header = (length: number, kind: number): Buffer => {
  const bytes = Buffer.alloc(headerSize);
  bytes.writeUInt32BE(length, 0);
  bytes[4] = kind;
  return bytes;
};

const notFrames: ReadonlyArray<[name: string, header: Buffer]> = [
  ['a length of 2³²−1', header(0xff_ff_ff_ff, frameKinds.list)],
  ['a control frame one byte over the limit', header(maxControlPayload + 1, frameKinds.entries)],
  ['a block one byte over the limit', header(40 + blockSize + 1, frameKinds.block)],
  ['a block of no bytes', header(40, frameKinds.block)],
  ['a block shorter than its own header', header(39, frameKinds.block)],
  ['a block of length 0', header(0, frameKinds.block)],
  ['a compressed block of a whole block', header(44 + blockSize, frameKinds.compressed)],
  ['a compressed block of no bytes', header(44, frameKinds.compressed)],
  ['a compressed block shorter than its own header', header(43, frameKinds.compressed)],
  ['kind 0', header(0, 0)],
  ['kind ff', header(2, 0xff)],
  ['text of another protocol', Buffer.from('GET / HTTP/1.1\r\n', 'latin1')],
];

for (const [name, bytes] of notFrames) {
  test(`${name} is refused before memory is allocated`, () => {
    const sink = new CollectingSink();
    sink.blockMemory = () => assert.fail('memory was asked for');
    const decoder = new FrameDecoder(sink, {accept: allKinds});
    assert.equal(decoder.push(bytes.subarray(0, headerSize - 1)), true);
    assert.throws(
      () => decoder.push(bytes.subarray(headerSize - 1)),
      error => isJangadaError(error, 'protocol'),
    );
    assert.ok(decoder.target().buffer.byteLength <= 65_536);
    assert.throws(
      () => decoder.push(encodeFrame(frameKinds.ping, '{}')),
      error => isJangadaError(error, 'protocol'),
    );
    assert.deepEqual(sink.frames, []);
  });
}

for (const [name, plainLength] of [
  ['no longer than its bytes', 100],
  ['of no bytes', 0],
  ['longer than a block', blockSize + 1],
  ['of 2³²−1 bytes', 0xff_ff_ff_ff],
] as const) {
  test(`a compressed block whose uncompressed size is ${name} is refused before memory is allocated`, () => {
    const sink = new CollectingSink();
    sink.blockMemory = () => assert.fail('memory was asked for');
    const decoder = new FrameDecoder(sink, {accept: allKinds});
    const frame = {offset: 0, digest: '55'.repeat(32), bytes: '66'.repeat(100), plainLength};
    assert.throws(
      () => decoder.push(encodePlain(frame)),
      error => isJangadaError(error, 'protocol'),
    );
  });
}

test('a frame of a kind that this side does not accept is refused', () => {
  const decoder = new FrameDecoder(new CollectingSink(), {accept: new Set([frameKinds.ping])});
  assert.equal(decoder.push(encodeFrame(frameKinds.ping, '{}')), true);
  assert.throws(
    () => decoder.push(encodeFrame(frameKinds.pong, '{}')),
    error => isJangadaError(error, 'protocol'),
  );
});

test("a receiver's own limit on payloads holds to the byte", () => {
  const limited = () =>
    new FrameDecoder(new CollectingSink(), {accept: allKinds, maxPayload: 100_000});
  assert.equal(limited().push(encodeFrame(frameKinds.entries, Buffer.alloc(100_000))), true);
  assert.throws(
    () => limited().push(encodeFrame(frameKinds.entries, Buffer.alloc(100_001))),
    error => isJangadaError(error, 'protocol'),
  );
});

test('an offset over 2⁵³−1 is refused', () => {
  const block = encodePlain({offset: 0, digest: '55'.repeat(32), bytes: '66'});
  block.writeBigUInt64BE(2n ** 53n, headerSize);
  const decoder = new FrameDecoder(new CollectingSink(), {accept: allKinds});
  assert.throws(
    () => decoder.push(block),
    error => isJangadaError(error, 'protocol'),
  );
});

test('a frame has begun from its first byte to its last, whatever it is', () => {
  const block = encodePlain({offset: 0, digest: '55'.repeat(32), bytes: '66'.repeat(10)});
  for (const frame of [encodeFrame(frameKinds.ping, '{}'), block]) {
    const decoder = new FrameDecoder(new CollectingSink(), {accept: allKinds});
    const begun = [decoder.midFrame];
    for (const byte of frame) {
      decoder.push(Uint8Array.of(byte));
      begun.push(decoder.midFrame);
    }

    const within: boolean[] = Array(frame.length - 1).fill(true);
    assert.deepEqual(begun, [false, ...within, false]);
  }
});

test('the bytes of each compressed block are told from its own beginning', () => {
  const told: number[] = [];
  const decoder = new FrameDecoder(
    {
      control() {},
      blockMemory: () => Buffer.alloc(blockSize),
      landed: bytes => told.push(bytes),
      block() {},
    },
    {accept: allKinds},
  );
  const block = {offset: 0, digest: '22'.repeat(32), bytes: 'ef'.repeat(100), plainLength: 300};
  decoder.push(Buffer.concat([encodePlain(block), encodePlain(block)]));
  assert.deepEqual(told, [300, 300]);
});

test('flags and reserved bytes are ignored', () => {
  const sink = new CollectingSink();
  const frame = encodeFrame(frameKinds.ping, '{}');
  frame.set([0xff, 0xff, 0xff], 5);
  new FrameDecoder(sink, {accept: allKinds}).push(frame);
  assert.deepEqual(sink.frames, [{kind: frameKinds.ping, payload: '7b7d'}]);
});

test('random bytes give frames or an error, never anything else', () => {
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 400}), bytes => {
      const decoder = new FrameDecoder(new CollectingSink(), {accept: allKinds});
      try {
        decoder.push(bytes);
      } catch (error) {
        assert.ok(isJangadaError(error, 'protocol'));
      }
    }),
    {numRuns: 2000},
  );
});

function* pieces(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** Feeds `bytes` as a socket does. While the decoder is blocked, at most `lateBytes` more arrive before `resume()`. */
function readIntoTarget(
  decoder: FrameDecoder,
  bytes: Buffer,
  sizes: readonly number[],
  lateBytes = 0,
): void {
  let at = 0;
  let late = 0;
  for (let turn = 0; at < bytes.length || decoder.blocked; turn++) {
    const target = decoder.target();
    if (decoder.blocked && (late >= lateBytes || target.length === 0 || at === bytes.length)) {
      late = 0;
      decoder.resume();
      continue;
    }

    assert.ok(target.length > 0, 'no room, and not blocked');
    const count = bytes.copy(target, 0, at, at + (sizes[turn % sizes.length] ?? 1));
    at += count;
    late += decoder.blocked ? count : 0;
    assert.equal(decoder.received(count), !decoder.blocked);
  }
}
