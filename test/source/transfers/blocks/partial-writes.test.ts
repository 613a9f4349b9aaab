import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {PartialWrites} from '../../../../source/transfers/blocks/partial-writes.ts';
import type {PartialFile} from '../../../../source/transfers/disk/partial-file.ts';

/** A partial whose flushes end when the test says so. It was `initialSize` bytes long when it was opened. */
function heldPartial(initialSize = 0) {
  const calls: string[] = [];
  const flushes: Array<PromiseWithResolvers<void>> = [];
  // Of a partial, only these calls are made.
  const partial = {
    isHoleFrom: (offset: number) => offset >= initialSize,
    leaveHole: (length: number, offset: number) => calls.push(`hole ${length} at ${offset}`),
    async write(_memory: Buffer, length: number, offset: number) {
      calls.push(`write ${length} at ${offset}`);
    },
    flushData() {
      calls.push('flush');
      const flush = Promise.withResolvers<void>();
      flushes.push(flush);
      return flush.promise;
    },
  } as unknown as PartialFile;
  const failures: unknown[] = [];
  const writes = new PartialWrites(partial, error => failures.push(error));
  return {writes, calls, flushes, failures};
}

const block = Buffer.alloc(blockSize, 1);

test('a flush begins after each 64 MiB, and not while another one is under way', async () => {
  const {writes, calls, flushes} = heldPartial();
  const flushed = () => calls.filter(call => call === 'flush').length;
  const add = async (blocks: number) => {
    for (let index = 0; index < blocks; index++) {
      await writes.add(block, blockSize, 0);
    }
  };
  await add(64);
  assert.equal(flushed(), 1);
  await add(70);
  assert.equal(flushed(), 1, 'the first one is under way');
  flushes[0]?.resolve();
  await flushes[0]?.promise;
  await new Promise(setImmediate);
  await add(1);
  assert.equal(flushed(), 2, 'more than 64 MiB came meanwhile');
  flushes[1]?.resolve();
  await new Promise(setImmediate);
  await add(63);
  assert.equal(flushed(), 2);
  await add(1);
  assert.equal(flushed(), 3);
});

test('it is not settled before a flush has ended, also one that fails, and whoever asked is told', async () => {
  for (const isBad of [false, true]) {
    const {writes, flushes, failures} = heldPartial();
    for (let index = 0; index < 64; index++) {
      await writes.add(block, blockSize, 0);
    }

    let isSettled = false;
    const settled = writes.settled().then(() => {
      isSettled = true;
    });
    await new Promise(setImmediate);
    assert.equal(isSettled, false);
    const error = new Error('EIO');
    if (isBad) {
      flushes[0]?.reject(error);
    } else {
      flushes[0]?.resolve();
    }

    await settled;
    assert.deepEqual(failures, isBad ? [error] : []);
  }
});

test('a block of zeros is a hole where the partial had nothing, whatever follows it in memory, and is written where it had', async () => {
  const {writes, calls} = heldPartial(2 * blockSize + 1);
  const zeros = Buffer.alloc(blockSize);
  zeros[10] = 1;
  await writes.add(zeros, 10, 3 * blockSize);
  await writes.add(zeros, 11, 3 * blockSize);
  await writes.add(zeros, 10, 2 * blockSize);
  assert.deepEqual(calls, [
    `hole 10 at ${3 * blockSize}`,
    `write 11 at ${3 * blockSize}`,
    `write 10 at ${2 * blockSize}`,
  ]);
});
