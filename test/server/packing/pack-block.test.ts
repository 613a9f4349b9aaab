import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
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
        const packed = await packBlock(block, level);
        const memory = Buffer.alloc(2 * blockSize);
        packed.copy(memory);
        const digest = Buffer.alloc(32);
        unpackBlock({offset: 0, digest, length, packedLength: packed.length}, memory);
        assert.ok(memory.subarray(0, length).equals(block));
      }
    });
  }
}
