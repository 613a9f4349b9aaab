import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {setImmediate as nextTurn} from 'node:timers/promises';
import {blockSize} from '../../../../protocol/block.ts';
import {type Fetch, PiecePool, ReadAhead} from '../../../../server/store/bucket/read-ahead.ts';

const size = 40 * blockSize + 5;

/** Fetches whose bytes are the number of their block. They end when the test allows it. */
class Source {
  readonly asked: {from: number; blocks: number}[] = [];
  readonly #gates: (() => void)[] = [];
  isOpen = true;

  readonly fetch: Fetch = async ({into, offset, progress}, signal) => {
    this.asked.push({from: offset / blockSize, blocks: into.length / blockSize});
    if (!this.isOpen) {
      await new Promise<void>(resolve => {
        this.#gates.push(resolve);
        signal.addEventListener('abort', () => resolve());
      });
    }

    signal.throwIfAborted();
    for (let at = 0; at < into.length; at += blockSize) {
      into.fill((offset + at) / blockSize, at, Math.min(at + blockSize, into.length));
      progress(Math.min(at + blockSize, into.length));
    }
  };

  open(): void {
    this.isOpen = true;
    for (const gate of this.#gates.splice(0)) {
      gate();
    }
  }
}

async function readBlock(ahead: ReadAhead, block: number): Promise<number | undefined> {
  const into = Buffer.alloc(Math.min(blockSize, size - block * blockSize));
  const isThere = await ahead.read(into, block * blockSize);
  return isThere && into.every(byte => byte === into[0]) ? into[0] : undefined;
}

test('pieces are fetched in the order of reading, a few ahead', async () => {
  const source = new Source();
  const spans = [
    {from: 2, to: 13},
    {from: 20, to: 41},
  ];
  const ahead = new ReadAhead(spans, size, {fetch: source.fetch, pool: new PiecePool()});
  assert.deepEqual(
    source.asked.map(({from}) => from),
    [2, 6, 10, 20],
  );
  for (const {from, to} of spans) {
    for (let block = from; block < to; block++) {
      assert.equal(await readBlock(ahead, block), block);
    }
  }

  assert.deepEqual(
    source.asked.map(({from}) => from),
    [2, 6, 10, 20, 24, 28, 32, 36, 40],
  );
  assert.equal(
    source.asked.reduce((sum, {blocks}) => sum + blocks, 0),
    11 + 20 + 5 / blockSize,
  );
  ahead.close();
});

test('without memory for pieces, bytes are read directly, and later pieces are fetched again', async () => {
  const pool = new PiecePool();
  const taken = Array.from({length: 20}, () => pool.take()).filter(memory => memory !== undefined);
  assert.equal(pool.take(), undefined);
  const source = new Source();
  const spans = [{from: 0, to: 12}];
  const ahead = new ReadAhead(spans, size, {fetch: source.fetch, pool});
  assert.equal(await readBlock(ahead, 0), undefined);
  assert.equal(await readBlock(ahead, 1), undefined);
  assert.deepEqual(source.asked, []);
  for (const memory of taken) {
    pool.give(memory);
  }

  // This block is not in a piece yet, but the next ones are.
  assert.equal(await readBlock(ahead, 2), undefined);
  for (let block = 3; block < 12; block++) {
    assert.equal(await readBlock(ahead, block), block);
  }

  assert.deepEqual(source.asked[0], {from: 3, blocks: 4});
  ahead.close();
});

test('the memory of pieces is free again when nothing writes to it any more', async () => {
  const pool = new PiecePool();
  const source = new Source();
  source.isOpen = false;
  const spans = [{from: 0, to: 16}];
  const ahead = new ReadAhead(spans, size, {fetch: source.fetch, pool});
  const free = () => {
    const all = [];
    for (let memory = pool.take(); memory !== undefined; memory = pool.take()) {
      all.push(memory);
    }

    for (const memory of all) {
      pool.give(memory);
    }

    return all.length;
  };
  assert.equal(free(), 12);
  ahead.close();
  // The canceled fetches have not stopped yet.
  assert.equal(free(), 12);
  await nextTurn();
  assert.equal(free(), 16);
});

test('a reader gets the error of its fetch', async () => {
  const spans = [{from: 0, to: 2}];
  const fetch: Fetch = async () => {
    throw new Error('why');
  };
  const ahead = new ReadAhead(spans, size, {fetch, pool: new PiecePool()});
  await assert.rejects(readBlock(ahead, 0), {message: 'why'});
  ahead.close();
});

test('while little memory is free, each file gets only one piece, so that more files get one', async () => {
  const pool = new PiecePool();
  const aheads = Array.from({length: 12}, () => {
    const source = new Source();
    const ahead = new ReadAhead([{from: 0, to: 40}], size, {fetch: source.fetch, pool});
    return {ahead, pieces: source.asked.length};
  });
  assert.deepEqual(
    aheads.map(({pieces}) => pieces),
    [4, 4, 4, 1, 1, 1, 1, 0, 0, 0, 0, 0],
  );
  for (const {ahead} of aheads) {
    ahead.close();
  }
});
