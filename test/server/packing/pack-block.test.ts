import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import process from 'node:process';
import {test} from 'node:test';
import {blockSize} from '../../../protocol/block.ts';
import {packBlock, packingLevels} from '../../../server/packing/pack-block.ts';
import {unpackBlock} from '../../../source/client/connection/packed/unpack-block.ts';
import {patternedBytes} from '../../fixtures/server/server-folder.ts';

for (const level of packingLevels) {
  for (const length of [1, 63, 4096, 65_537, blockSize - 1, blockSize]) {
    test(`${length} bytes that were packed at level ${level} are the same once they are unpacked`, async () => {
      for (const block of [
        patternedBytes(length),
        Buffer.alloc(length),
        Buffer.alloc(length, 'ab'),
      ]) {
        const memory = Buffer.alloc(2 * blockSize);
        const packedLength = await packBlock(block, level, memory);
        if (packedLength === undefined) {
          assert.ok(length > 65_536 && block[5] !== block[7], 'all others get smaller');
        } else {
          unpackBlock({offset: 0, digest: Buffer.alloc(32), length, packedLength}, memory);
          assert.ok(memory.subarray(0, length).equals(block));
        }
      }
    });
  }
}

test('a block for which there is no room stays as it is, and so does the room', async () => {
  const block = patternedBytes(blockSize);
  const before = Buffer.from(block);
  assert.equal(await packBlock(block, 3, block.subarray(4, blockSize - 1000)), undefined);
  assert.ok(block.equals(before));
});

test('a block may be packed in its own memory', async () => {
  const memory = Buffer.alloc(blockSize + 8, 'abc');
  const block = memory.subarray(4, blockSize + 4);
  const plain = Buffer.from(block);
  const packedLength = (await packBlock(block, 3, memory.subarray(8))) ?? assert.fail();
  const packed = memory.subarray(8);
  unpackBlock({offset: 0, digest: Buffer.alloc(32), length: blockSize, packedLength}, packed);
  assert.ok(packed.equals(plain));
});

test('what was packed is not left to the collector of garbage', async () => {
  const block = Buffer.alloc(blockSize, 'abc');
  const room = Buffer.alloc(blockSize);
  await packBlock(block, 1, room);
  const before = process.memoryUsage().arrayBuffers;
  for (let at = 0; at < 32; at++) {
    const packedLength = (await packBlock(block, 1, room)) ?? assert.fail();
    unpackBlock({offset: 0, digest: Buffer.alloc(32), length: blockSize, packedLength}, room);
  }

  const more = process.memoryUsage().arrayBuffers - before;
  assert.ok(more < 4 * blockSize, `${more} bytes lie there`);
});
