import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {type Logger, pino} from 'pino';
import {DigestIndex} from '../../../server/indexes/digest-index.ts';
import {sectionBlocks} from '../../../server/indexes/digest-shelf.ts';
import {PatientShelf} from '../../../server/indexes/patient-shelf.ts';
import {computeDigests} from '../../../server/operations/compute-digests.ts';
import type {StoredFile} from '../../../server/store/store.ts';
import {MemoryShelf} from '../../fixtures/server/memory-shelf.ts';
import {until} from '../../fixtures/server/server-folder.ts';

const block = 1_048_576;
const silent = pino({level: 'silent'});

function indexOn(shelf: MemoryShelf, logger: Logger = silent, patienceMs = 60_000): DigestIndex {
  return new DigestIndex({shelf: new PatientShelf(shelf, logger, patienceMs)});
}

const digest = (number: number) => Buffer.alloc(32, number % 251);

/** A file of `blocks` blocks that records which blocks it hashes. */
function countingFile(blocks: number, state: string | undefined = 'a') {
  const hashed: number[] = [];
  // The code under test uses only these fields of a file.
  const file = {
    ...{size: blocks * block, path: 'folder/a\nfile', state, hashed},
    async digests({spans}, {computed}) {
      for (const {from, to} of spans) {
        for (let number = from; number < to; number++) {
          hashed.push(number);
          computed(number, digest(number));
        }
      }
    },
  } as StoredFile & {hashed: number[]};
  return file;
}

/** Compute the digests of the blocks from `from` to `to`, unless they are known. */
async function compute(index: DigestIndex, file: StoredFile, from: number, to: number) {
  const known = index.for(file, 'sha256');
  let told = 0;
  const computed = (blocks: number) => {
    told += blocks;
  };
  const {signal} = new AbortController();
  await computeDigests(file, known, {from, to}, {peer: '', signal, computed});
  return {known, told};
}

test('one server knows the digests that another one has computed, and does not read the file', async () => {
  const shelf = new MemoryShelf();
  const blocks = sectionBlocks + 10;
  const index = indexOn(shelf);
  const first = countingFile(blocks);
  const {known} = await compute(index, first, 0, blocks);
  await index.saved();
  const second = countingFile(blocks);
  const after = await compute(indexOn(shelf), second, 0, blocks);
  assert.deepEqual([first.hashed.length, second.hashed.length], [blocks, 0]);
  assert.equal(after.known.root, known.root);
  // The progress counts digests even if none is computed.
  assert.equal(after.told, blocks);
});

test('digests of another state, path, size or algorithm are not used for a file', async () => {
  const shelf = new MemoryShelf();
  const index = indexOn(shelf);
  await compute(index, countingFile(4), 0, 4);
  await index.saved();
  const others = [
    countingFile(4, 'b'),
    {...countingFile(4), path: 'another'},
    {...countingFile(4), path: 'folder/a', state: 'a\nfile'},
    countingFile(5),
  ];
  for (const file of others) {
    const known = indexOn(shelf).for(file, 'sha256');
    await known.recall(0);
    assert.equal(known.count, 0);
  }

  const known = indexOn(shelf).for(countingFile(4), 'blake3');
  await known.recall(0);
  assert.equal(known.count, 0);
});

test('no digest of a file that has just changed is saved', async () => {
  const shelf = new MemoryShelf();
  const index = indexOn(shelf);
  const file = {...countingFile(4), state: undefined};
  await compute(index, file, 0, 4);
  await index.saved();
  assert.deepEqual([shelf.loads, shelf.saves], [0, 0]);
});

test('a server that misses digests asks the shelf again before it reads', async () => {
  const shelf = new MemoryShelf();
  const [one, two] = [indexOn(shelf), indexOn(shelf)];
  const [first, second] = [countingFile(8), countingFile(8)];
  await compute(one, first, 0, 4);
  await one.saved();
  await compute(two, second, 2, 6);
  await two.saved();
  const {known} = await compute(one, first, 0, 8);
  assert.deepEqual(
    [first.hashed, second.hashed],
    [
      [0, 1, 2, 3, 6, 7],
      [4, 5],
    ],
  );
  assert.ok(known.root);
});

test('digests are saved after a moment, several together, and only new ones', async () => {
  const shelf = new MemoryShelf();
  const index = indexOn(shelf);
  const known = index.for(countingFile(2 * sectionBlocks), 'sha256');
  for (const number of [0, 1, 7, sectionBlocks - 1, sectionBlocks]) {
    known.set(number, digest(number));
  }

  assert.equal(shelf.saves, 0);
  await until(() => shelf.saves > 0, 'digests were saved');
  await index.saved();
  assert.equal(shelf.saves, 2);
  const after = indexOn(shelf).for(countingFile(2 * sectionBlocks), 'sha256');
  await Promise.all([after.recall(0), after.recall(sectionBlocks)]);
  assert.equal(after.count, 5);
  assert.deepEqual(after.get(7), digest(7));
  await index.saved();
  assert.equal(shelf.saves, 2);
});

test('waiting for saved digests includes a save that is under way', async () => {
  const shelf = new MemoryShelf();
  const {promise, resolve} = Promise.withResolvers<void>();
  shelf.trouble = promise;
  const index = indexOn(shelf);
  index.for(countingFile(4), 'sha256').set(0, digest(0));
  void index.saved();
  let saved = false;
  const waiting = Promise.resolve(index.saved()).then(() => {
    saved = true;
  });
  await new Promise(resolve => setImmediate(resolve));
  assert.equal(saved, false);
  resolve();
  await waiting;
  assert.equal(saved, true);
});

test('digests are still saved by themselves after a save that was under way has taken those of a timer', async t => {
  const shelf = new MemoryShelf();
  const {promise, resolve} = Promise.withResolvers<void>();
  shelf.trouble = promise;
  using timers = t.mock.timers;
  timers.enable({apis: ['setTimeout']});
  const index = indexOn(shelf);
  const known = index.for(countingFile(5), 'sha256');
  known.set(0, digest(0));
  void index.saved();
  await turn();
  known.set(1, digest(1));
  const second = index.saved();
  // The second save, which waits for the first one, takes this digest, too.
  known.set(2, digest(2));
  resolve();
  await second;
  timers.tick(400);
  known.set(3, digest(3));
  timers.tick(400);
  await turn();
  const after = indexOn(shelf).for(countingFile(5), 'sha256');
  await after.recall(0);
  assert.deepEqual(
    [0, 1, 2, 3].map(block => after.get(block)),
    [0, 1, 2, 3].map(digest),
  );
});

test('if all digests of a file are known, the shelf is not used', async () => {
  const shelf = new MemoryShelf();
  const index = indexOn(shelf);
  for (let round = 0; round < 3; round++) {
    const {told} = await compute(index, countingFile(10), 0, 10);
    assert.equal(told, round === 0 ? 10 : 0);
  }

  assert.equal(shelf.loads, 1);
});

for (const blocks of [1, 10]) {
  test(`a digest of the shelf does not count as one of this process, for a file of ${blocks} blocks`, async () => {
    const shelf = new MemoryShelf();
    const index = indexOn(shelf);
    await compute(index, countingFile(blocks), 0, blocks);
    await index.saved();
    const later = indexOn(shelf);
    const {known} = await compute(later, countingFile(blocks), 0, blocks);
    const {root} = known;
    assert.deepEqual([known.get(0), known.getOwn(0)], [digest(0), undefined]);
    known.set(0, digest(0));
    await later.saved();
    assert.deepEqual([known.getOwn(0), shelf.saves, known.root], [digest(0), 1, root]);
    known.set(0, digest(99));
    await later.saved();
    assert.deepEqual([known.getOwn(0), shelf.saves], [digest(99), 2]);
    assert.notEqual(known.root, root);
    // A later load from the shelf does not replace it.
    await known.recall(0);
    assert.deepEqual([known.getOwn(0), known.count], [digest(99), blocks]);
  });
}

test('digests of other sections, or after the end of the file, are ignored if a shelf returns them', async () => {
  const shelf = new MemoryShelf();
  shelf.load = async () => [
    {first: 3, digests: Buffer.alloc(100, 7)},
    {first: sectionBlocks, digests: Buffer.alloc(64, 7)},
    {first: -1, digests: Buffer.alloc(32, 7)},
  ];
  const known = indexOn(shelf).for(countingFile(5), 'sha256');
  await known.recall(0);
  assert.deepEqual([known.count, known.get(3)?.[0], known.get(4)?.[0]], [2, 7, 7]);
});

function logged(t: TestContext) {
  t.mock.timers.enable({apis: ['setInterval']});
  const lines: string[] = [];
  return {lines, logger: pino({level: 'warn'}, {write: line => lines.push(line)})};
}

test('a shelf that fails costs nothing but one line of the log', async t => {
  const {lines, logger} = logged(t);
  const shelf = new MemoryShelf();
  shelf.trouble = Promise.reject(new Error('the disk is full\u001b[2J'));
  shelf.trouble.catch(() => {});
  const index = indexOn(shelf, logger);
  for (let round = 0; round < 20; round++) {
    const file = countingFile(4, `${round}`);
    const {known} = await compute(index, file, 0, 4);
    await index.saved();
    assert.equal(known.count, 4);
  }

  assert.deepEqual([shelf.loads, shelf.saves, lines.length], [20, 20, 1]);
  const {cause} = JSON.parse(lines[0] ?? '');
  assert.equal(cause, 'the disk is full\\x1b[2J');
});

test('the server waits once for a shelf that hangs, and uses it again when it answers', async t => {
  const {lines, logger} = logged(t);
  const shelf = new MemoryShelf();
  const {promise, resolve} = Promise.withResolvers<void>();
  shelf.trouble = promise;
  const index = indexOn(shelf, logger, 20);
  for (let round = 0; round < 20; round++) {
    const {known} = await compute(index, countingFile(4, `${round}`), 0, 4);
    await index.saved();
    assert.equal(known.count, 4);
  }

  assert.deepEqual([shelf.loads, shelf.saves, lines.length], [1, 0, 1]);
  resolve();
  shelf.trouble = Promise.resolve();
  let round = 0;
  await until(() => {
    index.for(countingFile(4, `later ${round++}`), 'sha256').set(0, digest(0));
    void index.saved();
    return shelf.saves > 0;
  }, 'the shelf is used again');
});

test('an index saves its digests when it is closed', async () => {
  const shelf = new MemoryShelf();
  const index = indexOn(shelf);
  index.for(countingFile(4), 'sha256').set(2, digest(2));
  await index.close();
  assert.deepEqual([shelf.saves, shelf.closed], [1, true]);
});

test('saves come one after the other: an older state of a section never replaces a newer one', async () => {
  const shelf = new MemoryShelf();
  const {promise, resolve} = Promise.withResolvers<void>();
  shelf.trouble = promise;
  const index = indexOn(shelf);
  const known = index.for(countingFile(4), 'sha256');
  known.set(0, digest(0));
  const first = index.saved();
  await new Promise(resolve => setImmediate(resolve));
  known.set(1, digest(1));
  const second = index.saved();
  await new Promise(resolve => setImmediate(resolve));
  assert.equal(shelf.saves, 1);
  resolve();
  await Promise.all([first, second]);
  assert.equal(shelf.saves, 2);
  const after = indexOn(shelf).for(countingFile(4), 'sha256');
  await after.recall(0);
  assert.deepEqual([after.get(0), after.get(1)], [digest(0), digest(1)]);
  // Nothing is left to wait for.
  assert.equal(index.saved(), undefined);
});

test('runs of digests with gaps are saved and loaded where they belong, across pages and sections', async () => {
  const shelf = new MemoryShelf();
  const index = indexOn(shelf);
  const blocks = 2 * sectionBlocks + 3;
  const known = index.for(countingFile(blocks), 'sha256');
  const some = [0, 254, 255, 256, 257, 600, 4095, 4096, 4097, 8191, 8192, blocks - 1];
  for (const block of some) {
    known.set(block, digest(block));
  }

  await index.saved();
  assert.equal(shelf.saves, 3);
  const after = indexOn(shelf).for(countingFile(blocks), 'sha256');
  for (const block of [0, 4096, 8192]) {
    await after.recall(block);
  }

  assert.equal(after.count, some.length);
  for (const block of some) {
    assert.deepEqual(after.get(block), digest(block), `${block}`);
  }

  assert.deepEqual(
    [after.get(1), after.get(253), after.get(258)],
    [undefined, undefined, undefined],
  );
  assert.deepEqual(
    [after.gapEnd(258, 5000), after.gapEnd(601, 4000), after.gapEnd(800, 1100)],
    [600, 4000, 1100],
  );
  assert.deepEqual(
    [after.runEnd(254, 300), after.runEnd(255, 257), after.runEnd(1, 9)],
    [258, 257, 1],
  );
  assert.deepEqual(after.slice(254, 258), Buffer.concat([254, 255, 256, 257].map(digest)));
  assert.throws(() => after.slice(254, 259), {code: 'internal', message: /block 258/});
});
