import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {blockSize} from '../../../protocol/block.ts';
import {type CompressionLevel, compressBlock} from '../../../server/compression/compress-block.ts';
import {CompressionPlaces} from '../../../server/compression/compression-places.ts';
import {Compressor} from '../../../server/compression/compressor.ts';
import {patternedBytes} from '../../fixtures/server/server-folder.ts';

const {signal} = new AbortController();
const text = Buffer.alloc(blockSize, 'Uma jangada vai, outra vem. ');
const random = patternedBytes(blockSize);
const room = Buffer.alloc(blockSize);

/** A compressor that records the level of each compression. */
function counted() {
  const levels: CompressionLevel[] = [];
  const compressor = new Compressor(new CompressionPlaces(), 'here', {
    compress: (block, level, room) => {
      levels.push(level);
      return compressBlock(block, level, room);
    },
    nowMs: () => 0,
  });
  compressor.begin('content');
  return {compressor, levels};
}

test('content that is compressed already is tried less and less often: fewer than one block in twenty', async () => {
  const {compressor, levels} = counted();
  for (let block = 0; block < 256; block++) {
    assert.equal(await compressor.compress(random, room, signal), undefined);
  }

  assert.ok(levels.length >= 5 && levels.length <= 12, `${levels.length} tries`);
});

test('text in the middle of such content is found, and then compressed block by block', async () => {
  const {compressor, levels} = counted();
  for (let block = 0; block < 100; block++) {
    await compressor.compress(random, room, signal);
  }

  const compressed: boolean[] = [];
  for (let block = 0; block < 64; block++) {
    compressed.push((await compressor.compress(text, room, signal)) !== undefined);
  }

  const first = compressed.indexOf(true);
  assert.ok(first >= 0 && first <= 32, `found after ${first} blocks`);
  assert.ok(compressed.slice(first).every(Boolean));
  const before = levels.length;
  await compressor.compress(random, room, signal);
  await compressor.compress(random, room, signal);
  await compressor.compress(random, room, signal);
  assert.equal(levels.length, before + 2, 'a single block that is not smaller leaves one out');
});

test('other content is tried at once, and for the same content the pauses continue', async () => {
  const {compressor, levels} = counted();
  for (let block = 0; block < 4; block++) {
    await compressor.compress(random, room, signal);
  }

  const tries = levels.length;
  compressor.begin('content');
  await compressor.compress(text, room, signal);
  assert.equal(levels.length, tries);
  compressor.begin('other content');
  assert.notEqual(await compressor.compress(text, room, signal), undefined);
});

/** The levels of `blocks` blocks, if each takes `compressingMs` to compress, and the next one comes `restMs` later. */
async function levelsOf(
  blocks: number,
  {compressingMs, restMs}: {compressingMs: number; restMs: number},
) {
  const levels: CompressionLevel[] = [];
  let nowMs = 0;
  const compressor = new Compressor(new CompressionPlaces(), 'here', {
    nowMs: () => nowMs,
    compress: async (_, level) => {
      levels.push(level);
      nowMs += compressingMs;
      return 10;
    },
  });
  compressor.begin('content');
  for (let block = 0; block < blocks; block++) {
    await compressor.compress(text, room, signal);
    nowMs += restMs;
  }

  return levels;
}

test('the level goes down while compression takes long', async () => {
  const levels = await levelsOf(9, {compressingMs: 10, restMs: 5});
  assert.deepEqual(levels, [3, 3, 3, 3, 1, 1, 1, 1, 1]);
});

test('the level goes up while the link takes long', async () => {
  const levels = await levelsOf(9, {compressingMs: 10, restMs: 100});
  assert.deepEqual(levels, [3, 3, 3, 3, 6, 6, 6, 6, 6]);
});

test('if compression is slower than the link even at the lowest level, all blocks are still compressed', async () => {
  const levels = await levelsOf(64, {compressingMs: 10, restMs: 1});
  assert.equal(levels.length, 64);
});

test('a very slow machine sends most of the blocks uncompressed', async () => {
  const levels = await levelsOf(64, {compressingMs: 300, restMs: 10});
  assert.ok(levels.length < 32, `${levels.length} of 64 are compressed`);
});

test('the level stays while the link takes somewhat longer', async () => {
  assert.deepEqual(new Set(await levelsOf(20, {compressingMs: 10, restMs: 25})), new Set([3]));
});

test('only some blocks wait for a place, the others are sent uncompressed', async () => {
  const places = new CompressionPlaces();
  const gate = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  const compressions = Array.from({length: 64}, (_, index) => {
    const compress = async () => {
      running++;
      most = Math.max(most, running);
      await gate.promise;
      running--;
      return 10;
    };
    const compressor = new Compressor(places, index % 2 === 0 ? 'here' : 'there', {compress});
    compressor.begin('content');
    return compressor.compress(text, room, signal);
  });
  gate.resolve();
  const compressed = (await Promise.all(compressions)).filter(one => one !== undefined);
  assert.ok(most <= 2, `${most} at once`);
  assert.equal(compressed.length, 5 * most);
  // All places are free again.
  const compressor = new Compressor(places, 'here');
  assert.notEqual(await compressor.compress(text, room, signal), undefined);
});

test('one address leaves half of the waiting places to others', async () => {
  const places = new CompressionPlaces();
  const gate = Promise.withResolvers<void>();
  const compress = async () => {
    await gate.promise;
    return 10;
  };
  const block = (address: string) =>
    new Compressor(places, address, {compress}).compress(text, room, signal);
  const greedy = Array.from({length: 64}, () => block('greedy'));
  const modest = Array.from({length: 4}, () => block('modest'));
  gate.resolve();
  const compressed = async (blocks: Array<Promise<number | undefined>>) =>
    (await Promise.all(blocks)).filter(one => one !== undefined).length;
  assert.ok((await compressed(greedy)) <= 6);
  // On one core there is one place, and half as many blocks wait.
  assert.ok((await compressed(modest)) >= 2);
  assert.notEqual(await block('greedy'), undefined);
});

test('a client that leaves no longer waits for a place', async () => {
  const places = new CompressionPlaces();
  const gate = Promise.withResolvers<void>();
  const compress = async () => {
    await gate.promise;
    return 10;
  };
  const block = () => new Compressor(places, 'here', {compress});
  const busy = [block().compress(text, room, signal), block().compress(text, room, signal)];
  const leaving = new AbortController();
  const waiting = block().compress(text, room, leaving.signal);
  leaving.abort();
  await assert.rejects(waiting, {code: 'aborted'});
  gate.resolve();
  await Promise.all(busy);
});

test('content that is compressed already is tried after 1, 2, 4, 8, 16 and then always 32 blocks', async () => {
  let tries = 0;
  const compressor = new Compressor(new CompressionPlaces(), 'here', {
    compress: async () => {
      tries++;
      return undefined;
    },
    nowMs: () => 0,
  });
  const at: number[] = [];
  for (let block = 0; block < 136; block++) {
    const before = tries;
    await compressor.compress(random, room, signal);
    at.push(...(tries > before ? [block] : []));
  }

  assert.deepEqual(at, [0, 2, 5, 10, 19, 36, 69, 102, 135]);
});

test('a very slow machine compresses four blocks, and sends the next eight as they are', async () => {
  let nowMs = 0;
  const compressor = new Compressor(new CompressionPlaces(), 'here', {
    nowMs: () => nowMs,
    compress: async () => {
      nowMs += 251;
      return 10;
    },
  });
  const compressed: boolean[] = [];
  for (let block = 0; block < 28; block++) {
    compressed.push((await compressor.compress(text, room, signal)) !== undefined);
  }

  // The first four are compressed less hard from then on.
  const run = (is: boolean, count: number) => Array.from({length: count}, () => is);
  assert.deepEqual(compressed, [
    ...run(true, 8),
    ...run(false, 8),
    ...run(true, 4),
    ...run(false, 8),
  ]);
});

test('a block has to get smaller by a sixteenth, and must fit into its room', async () => {
  const rooms: number[] = [];
  const compressor = new Compressor(new CompressionPlaces(), 'here', {
    compress: async (_, __, room) => {
      rooms.push(room.length);
      return 1;
    },
  });
  await compressor.compress(text.subarray(0, 1600), room, signal);
  await compressor.compress(text.subarray(0, 1601), room, signal);
  await compressor.compress(text.subarray(0, 1600), room.subarray(0, 700), signal);
  assert.deepEqual(rooms, [1500, 1500, 700]);
});

test('a place is free again after a compression that failed', async () => {
  const places = new CompressionPlaces();
  const compress = async () => {
    throw new Error('no memory');
  };
  for (let block = 0; block < 20; block++) {
    const compressor = new Compressor(places, 'here', {compress});
    await assert.rejects(compressor.compress(text, room, signal), {message: 'no memory'});
  }

  assert.notEqual(await new Compressor(places, 'here').compress(text, room, signal), undefined);
});

test('clients that left while they waited for a place have freed it for others', async () => {
  const places = new CompressionPlaces();
  const leaves = await Promise.all([places.enter('here', signal), places.enter('here', signal)]);
  for (let round = 0; round < 20; round++) {
    const leaving = new AbortController();
    const waiting = places.enter('here', leaving.signal);
    leaving.abort();
    await assert.rejects(waiting, {code: 'aborted'});
  }

  const waits = places.enter('here', signal);
  for (const leave of leaves) {
    leave?.();
  }

  assert.notEqual(await waits, undefined);
});

test('the processes of a server share the places: each of two has one, and four blocks wait for it', async () => {
  const places = new CompressionPlaces(2);
  const leave = (await places.enter('a', signal)) ?? assert.fail();
  const waiting = ['a', 'a', 'a', 'b', 'b', 'c'].map(key => places.enter(key, signal));
  let entered = 0;
  const outcomes: Array<boolean | undefined> = waiting.map(() => undefined);
  for (const [index, wait] of waiting.entries()) {
    void wait.then(leaveNext => {
      outcomes[index] = leaveNext !== undefined;
      entered += leaveNext === undefined ? 0 : 1;
    });
  }

  await new Promise(resolve => setImmediate(resolve));
  // The third of `a` and all beyond the fourth are not waited for.
  assert.deepEqual(outcomes, [undefined, undefined, false, undefined, undefined, false]);
  leave();
  await new Promise(resolve => setImmediate(resolve));
  assert.equal(entered, 1);
});
