import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {blockSize} from '../../../protocol/block.ts';
import {type PackingLevel, packBlock} from '../../../server/packing/pack-block.ts';
import {Packer} from '../../../server/packing/packer.ts';
import {PackingPlaces} from '../../../server/packing/packing-places.ts';
import {patternedBytes} from '../../fixtures/server/server-folder.ts';

const {signal} = new AbortController();
const text = Buffer.alloc(blockSize, 'Uma jangada vai, outra vem. ');
const random = patternedBytes(blockSize);
const room = Buffer.alloc(blockSize);

/** A packer whose packings are counted. */
function counted() {
  const levels: PackingLevel[] = [];
  const packer = new Packer(new PackingPlaces(), 'here', {
    pack: (block, level, room) => {
      levels.push(level);
      return packBlock(block, level, room);
    },
    nowMs: () => 0,
  });
  packer.begin('content');
  return {packer, levels};
}

test('content that is compressed already is tried ever more seldom: fewer than one block in twenty', async () => {
  const {packer, levels} = counted();
  for (let block = 0; block < 256; block++) {
    assert.equal(await packer.pack(random, room, signal), undefined);
  }

  assert.ok(levels.length >= 5 && levels.length <= 12, `${levels.length} tries`);
});

test('text in the middle of such content is found, and then packed block by block', async () => {
  const {packer, levels} = counted();
  for (let block = 0; block < 100; block++) {
    await packer.pack(random, room, signal);
  }

  const packed: boolean[] = [];
  for (let block = 0; block < 64; block++) {
    packed.push((await packer.pack(text, room, signal)) !== undefined);
  }

  const first = packed.indexOf(true);
  assert.ok(first >= 0 && first <= 32, `found after ${first} blocks`);
  assert.ok(packed.slice(first).every(Boolean));
  const before = levels.length;
  await packer.pack(random, room, signal);
  await packer.pack(random, room, signal);
  await packer.pack(random, room, signal);
  assert.equal(levels.length, before + 2, 'a single block that is not smaller leaves one out');
});

test('other content is tried at once, and the same goes on as before', async () => {
  const {packer, levels} = counted();
  for (let block = 0; block < 4; block++) {
    await packer.pack(random, room, signal);
  }

  const tries = levels.length;
  packer.begin('content');
  await packer.pack(text, room, signal);
  assert.equal(levels.length, tries);
  packer.begin('other content');
  assert.notEqual(await packer.pack(text, room, signal), undefined);
});

/** The levels of `blocks` blocks, each of which takes `packingMs` and then `restMs` until the next one. */
async function levelsOf(blocks: number, {packingMs, restMs}: {packingMs: number; restMs: number}) {
  const levels: PackingLevel[] = [];
  let nowMs = 0;
  const packer = new Packer(new PackingPlaces(), 'here', {
    nowMs: () => nowMs,
    pack: async (_, level) => {
      levels.push(level);
      nowMs += packingMs;
      return 10;
    },
  });
  packer.begin('content');
  for (let block = 0; block < blocks; block++) {
    await packer.pack(text, room, signal);
    nowMs += restMs;
  }

  return levels;
}

test('blocks are packed less hard where that is what takes long', async () => {
  const levels = await levelsOf(9, {packingMs: 10, restMs: 5});
  assert.deepEqual(levels, [3, 3, 3, 3, 1, 1, 1, 1, 1]);
});

test('blocks are packed harder while the link is what takes long', async () => {
  const levels = await levelsOf(9, {packingMs: 10, restMs: 100});
  assert.deepEqual(levels, [3, 3, 3, 3, 6, 6, 6, 6, 6]);
});

test('where packing is slower than the link though it is easy, all blocks are packed', async () => {
  const levels = await levelsOf(64, {packingMs: 10, restMs: 1});
  assert.equal(levels.length, 64);
});

test('a machine that is very slow sends most of the blocks as they are', async () => {
  const levels = await levelsOf(64, {packingMs: 300, restMs: 10});
  assert.ok(levels.length < 32, `${levels.length} of 64 are packed`);
});

test('blocks are packed as before while the link takes somewhat longer', async () => {
  assert.deepEqual(new Set(await levelsOf(20, {packingMs: 10, restMs: 25})), new Set([3]));
});

test('more than some blocks that wait for a place go as they are', async () => {
  const places = new PackingPlaces();
  const gate = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  const packings = Array.from({length: 64}, () => {
    const pack = async () => {
      running++;
      most = Math.max(most, running);
      await gate.promise;
      running--;
      return 10;
    };
    const packer = new Packer(places, 'here', {pack});
    packer.begin('content');
    return packer.pack(text, room, signal);
  });
  gate.resolve();
  const packed = (await Promise.all(packings)).filter(one => one !== undefined);
  assert.ok(most <= 2, `${most} at once`);
  assert.equal(packed.length, 5 * most);
  // The places are free again.
  const packer = new Packer(places, 'here');
  assert.notEqual(await packer.pack(text, room, signal), undefined);
});

test('a client that leaves waits for no place any more', async () => {
  const places = new PackingPlaces();
  const gate = Promise.withResolvers<void>();
  const pack = async () => {
    await gate.promise;
    return 10;
  };
  const block = () => new Packer(places, 'here', {pack});
  const busy = [block().pack(text, room, signal), block().pack(text, room, signal)];
  const leaving = new AbortController();
  const waiting = block().pack(text, room, leaving.signal);
  leaving.abort();
  await assert.rejects(waiting, {code: 'aborted'});
  gate.resolve();
  await Promise.all(busy);
});
