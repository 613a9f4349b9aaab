import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import process from 'node:process';
import {test} from 'node:test';
import {blockSize} from '../../../protocol/block.ts';
import {compressBlock, compressionLevels} from '../../../server/compression/compress-block.ts';
import {decompressBlock} from '../../../source/client/connection/compression/decompress-block.ts';
import {patternedBytes} from '../../fixtures/server/server-folder.ts';

for (const level of compressionLevels) {
  for (const length of [1, 63, 4096, 65_537, blockSize - 1, blockSize]) {
    test(`${length} bytes that were compressed at level ${level} are the same after decompression`, async () => {
      for (const block of [
        patternedBytes(length),
        Buffer.alloc(length),
        Buffer.alloc(length, 'ab'),
      ]) {
        const memory = Buffer.alloc(2 * blockSize);
        const compressedLength = await compressBlock(block, level, memory);
        if (compressedLength === undefined) {
          assert.ok(length > 65_536 && block[5] !== block[7], 'all others get smaller');
        } else {
          decompressBlock({offset: 0, digest: Buffer.alloc(32), length, compressedLength}, memory);
          assert.ok(memory.subarray(0, length).equals(block));
        }
      }
    });
  }
}

test('a block that does not fit into its room when compressed stays unchanged, and so does the room', async () => {
  const block = patternedBytes(blockSize);
  const before = Buffer.from(block);
  assert.equal(await compressBlock(block, 3, block.subarray(4, blockSize - 1000)), undefined);
  assert.ok(block.equals(before));
});

test('a block may be compressed in its own memory', async () => {
  const memory = Buffer.alloc(blockSize + 8, 'abc');
  const block = memory.subarray(4, blockSize + 4);
  const plain = Buffer.from(block);
  const compressedLength = (await compressBlock(block, 3, memory.subarray(8))) ?? assert.fail();
  const compressed = memory.subarray(8);
  decompressBlock(
    {offset: 0, digest: Buffer.alloc(32), length: blockSize, compressedLength},
    compressed,
  );
  assert.ok(compressed.equals(plain));
});

test('compressing leaves no memory to the garbage collector', async () => {
  const block = Buffer.alloc(blockSize, 'abc');
  const room = Buffer.alloc(blockSize);
  await compressBlock(block, 1, room);
  const before = process.memoryUsage().arrayBuffers;
  for (let at = 0; at < 32; at++) {
    const compressedLength = (await compressBlock(block, 1, room)) ?? assert.fail();
    decompressBlock(
      {offset: 0, digest: Buffer.alloc(32), length: blockSize, compressedLength},
      room,
    );
  }

  const more = process.memoryUsage().arrayBuffers - before;
  assert.ok(more < 4 * blockSize, `${more} bytes lie there`);
});
