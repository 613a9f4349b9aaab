import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {suite, test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {Seed} from '../../../../source/transfers/blocks/seed.ts';
import type {Queue, TransferSnapshot} from '../../../../source/transfers/queue/queue.ts';
import {waitsForRoom} from '../../../../source/transfers/terms/transfer-state.ts';
import {noise, path, temporaryFolder, until} from '../../../fixtures/harness.ts';
import {startMetered} from '../../../fixtures/metered.ts';
import {assertVerified, codeOf} from '../../../fixtures/outcome.ts';
import {smallDisk} from '../../../fixtures/small-disk.ts';

const part = 'a.bin.jangada-part';
const size = 8 * blockSize - 3;
const content = noise(size);
const all = [0, 1, 2, 3, 4, 5, 6, 7];
const block = (index: number) => content.subarray(index * blockSize, (index + 1) * blockSize);

const seeds: ReadonlyArray<[string, Buffer, number[]]> = [
  ['that is equal', content, []],
  ['with 1 MiB more in front', Buffer.concat([noise(blockSize, 9), content]), []],
  ['with 1 MiB less in front', content.subarray(blockSize), [0]],
  ['with one byte more in front', Buffer.concat([Buffer.from('x'), content]), all],
  [
    'whose blocks are in another order, with others between',
    Buffer.concat([
      block(6),
      noise(blockSize, 5),
      block(2),
      block(2),
      noise(blockSize, 6),
      block(0),
    ]),
    [1, 3, 4, 5, 7],
  ],
  ['that ends earlier, in a block', content.subarray(0, 5 * blockSize + 100), [5, 6, 7]],
  ['that goes on where the file ends', Buffer.concat([content, noise(2 * blockSize)]), [7]],
  ['that has nothing of it', noise(8 * blockSize, 77), all],
  ['that is empty', Buffer.alloc(0), all],
];

const place = (folder: string) => ({remotePath: path('a.bin'), folder, localPath: 'a.bin'});

/** Every reported state of a transfer. */
function watch(queue: Queue, id: number): TransferSnapshot[] {
  const seen: TransferSnapshot[] = [];
  queue.subscribe(() => {
    const row = queue.transfer(id);
    if (row !== undefined) {
      seen.push(row);
    }
  });
  return seen;
}

suite('a seed', () => {
  for (const [what, bytes, missing] of seeds) {
    test(`${what}: its matching blocks are copied, the rest is fetched, and the seed is not changed`, async t => {
      const {serve, target, fetch} = await startMetered(t);
      serve('a.bin', content);
      const seed = join(temporaryFolder(t), 'older');
      writeFileSync(seed, bytes);
      const before = statSync(seed);
      const {row, blocks} = await fetch('a.bin', {seed});
      assertVerified(row);
      assert.deepEqual(blocks, missing);
      const fetched = missing.length * blockSize - (missing.includes(7) ? 3 : 0);
      assert.deepEqual(
        {copied: row.copiedBytes, reused: row.reusedBytes, verified: row.verifiedBytes},
        {copied: size - fetched, reused: size - fetched, verified: size},
      );
      assert.ok(readFileSync(join(target, 'a.bin')).equals(content));
      assert.ok(readFileSync(seed).equals(bytes));
      assert.equal(statSync(seed).mtimeMs, before.mtimeMs);
    });
  }

  test('one block of it is copied to every place that needs it', async t => {
    const {serve, target, fetch} = await startMetered(t);
    const repeated = Buffer.concat([block(1), block(0), block(1), block(1)]);
    serve('a.bin', repeated);
    const seed = join(temporaryFolder(t), 'older');
    writeFileSync(seed, Buffer.concat([block(3), block(1)]));
    const {blocks} = await fetch('a.bin', {seed});
    assert.deepEqual(blocks, [1]);
    assert.ok(readFileSync(join(target, 'a.bin')).equals(repeated));
  });

  test('is used after the partial file: it gives only missing blocks, and both have counters of their own', async t => {
    const {serve, target, fetch} = await startMetered(t);
    serve('a.bin', content);
    mkdirSync(target);
    writeFileSync(join(target, part), content.subarray(0, 2 * blockSize));
    const seed = join(temporaryFolder(t), 'older');
    writeFileSync(seed, content.subarray(0, 6 * blockSize));
    const {row, blocks} = await fetch('a.bin', {seed});
    assertVerified(row);
    assert.deepEqual(blocks, [6, 7]);
    assert.deepEqual([row.reusedBytes, row.copiedBytes], [6 * blockSize, 4 * blockSize]);
  });

  test('does not copy a block in the middle that the partial has', async t => {
    const {serve, target, fetch} = await startMetered(t);
    serve('a.bin', content);
    mkdirSync(target);
    const damaged = Buffer.from(content);
    damaged.write('damage', blockSize);
    damaged.write('damage', 4 * blockSize);
    writeFileSync(join(target, part), damaged);
    const seed = join(temporaryFolder(t), 'older');
    writeFileSync(seed, content);
    const {row, blocks} = await fetch('a.bin', {seed});
    assertVerified(row);
    assert.deepEqual([blocks, row.copiedBytes, row.reusedBytes], [[], 2 * blockSize, size]);
  });

  test('can be used together with a file of another tool', async t => {
    const {serve, target, fetch} = await startMetered(t);
    serve('a.bin', content);
    const folder = temporaryFolder(t);
    const [from, seed] = [join(folder, 'left'), join(folder, 'older')];
    writeFileSync(from, content.subarray(0, 3 * blockSize));
    writeFileSync(seed, content.subarray(4 * blockSize));
    const {row, blocks} = await fetch('a.bin', {from, seed});
    assertVerified(row);
    assert.deepEqual(blocks, [3]);
    assert.deepEqual(readdirSync(folder), ['older']);
    assert.ok(readFileSync(join(target, 'a.bin')).equals(content));
  });

  for (const onConflict of ['overwrite', 'resume'] as const) {
    test(`may be the existing file, with ${onConflict}`, async t => {
      const {serve, target, fetch} = await startMetered(t);
      serve('a.bin', content);
      mkdirSync(target);
      const seed = join(target, 'a.bin');
      writeFileSync(seed, Buffer.concat([noise(blockSize, 4), content]));
      const {row, blocks} = await fetch('a.bin', {seed, onConflict});
      assertVerified(row);
      // As a partial file, it is first cut to the length of the remote file.
      assert.deepEqual(blocks, onConflict === 'overwrite' ? [] : [6, 7]);
      assert.ok(readFileSync(seed).equals(content));
      assert.deepEqual(readdirSync(target), ['a.bin']);
    });
  }

  test('may be a link, and then even a small file is fetched as a single download', async t => {
    const {serve, target, fetch} = await startMetered(t);
    serve('a.bin', 'small');
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'older'), 'small');
    symlinkSync('older', join(folder, 'link'));
    const {row, blocks} = await fetch('a.bin', {seed: join(folder, 'link'), size: 5});
    assertVerified(row);
    assert.deepEqual([blocks, row.copiedBytes], [[], 5]);
    assert.equal(readFileSync(join(target, 'a.bin'), 'utf8'), 'small');
  });

  test('is not needed for an empty file', async t => {
    const {serve, target, fetch} = await startMetered(t);
    serve('a.bin', '');
    const seed = join(temporaryFolder(t), 'older');
    writeFileSync(seed, content);
    assertVerified((await fetch('a.bin', {seed})).row);
    assert.equal(statSync(join(target, 'a.bin')).size, 0);
  });

  const bad: ReadonlyArray<[string, (place: string) => void]> = [
    ['is missing', () => {}],
    ['is a folder', place => mkdirSync(place)],
    [
      'is a FIFO',
      place => {
        assert.equal(spawnSync('mkfifo', [place]).status, 0);
      },
    ],
  ];
  for (const [what, make] of bad) {
    test(`that ${what} is an error before anything is changed or fetched`, {
      skip: process.platform === 'win32',
    }, async t => {
      const {serve, target, fetch} = await startMetered(t);
      serve('a.bin', content);
      const folder = temporaryFolder(t);
      const [from, seed] = [join(folder, 'left'), join(folder, 'older')];
      writeFileSync(from, content);
      make(seed);
      const {row, blocks} = await fetch('a.bin', {from, seed});
      assert.equal(codeOf(row), 'local_io');
      assert.match(row.state.name === 'failed' ? row.state.reason : '', /older/);
      assert.deepEqual([blocks, readdirSync(target)], [[], []]);
      assert.ok(readFileSync(from).equals(content));
    });
  }

  test('has its own speed while it is checked; after that the speed is the rate of fetching', async t => {
    // Far slower than the hashing of even a busy machine.
    const {serve, target, queue} = await startMetered(t, {limit: 4 * blockSize});
    serve('a.bin', noise(5 * blockSize));
    const seed = join(temporaryFolder(t), 'older');
    writeFileSync(seed, '');
    // A hole that takes too long to hash. The test cuts it off after it has seen the speed.
    truncateSync(seed, 262_144 * blockSize);
    const [id = 0] = queue.add([{...place(target), onConflict: 'fail', seed}]);
    const seen = watch(queue, id);
    await until(() => (queue.transfer(id)?.bytesPerSecond ?? 0) > 30 * blockSize);
    assert.equal(queue.transfer(id)?.state.name, 'checking');
    truncateSync(seed, 0);
    await queue.idle();
    const speeds = seen
      .filter(({state}) => state.name === 'downloading')
      .map(row => row.bytesPerSecond);
    assert.ok(speeds.length > 0 && Math.max(...speeds) < 15 * blockSize, `${speeds}`);
  });

  test('47: that does not fit on the disk is reported before it is copied', async t => {
    const disk = smallDisk(t, 4);
    if (disk === undefined) {
      return;
    }

    const {serve, fetch} = await startMetered(t);
    serve('a.bin', content);
    const seed = join(temporaryFolder(t), 'older');
    writeFileSync(seed, content);
    const {row} = await fetch('a.bin', {seed, folder: disk});
    assert.ok(waitsForRoom(row.state), row.state.name);
    assert.equal(row.verifiedBytes, 0);
    assert.deepEqual(readdirSync(disk), []);
  });

  test('with a second hard link stays unchanged, though it has the final name', async t => {
    const {serve, target, fetch} = await startMetered(t);
    serve('a.bin', content);
    mkdirSync(target);
    const older = Buffer.concat([block(0), noise(7 * blockSize, 4)]);
    writeFileSync(join(target, 'a.bin'), older);
    linkSync(join(target, 'a.bin'), join(target, 'precious'));
    const {blocks} = await fetch('a.bin', {seed: join(target, 'a.bin')});
    assert.deepEqual(blocks, [1, 2, 3, 4, 5, 6, 7]);
    assert.ok(readFileSync(join(target, 'a.bin')).equals(content));
    assert.ok(readFileSync(join(target, 'precious')).equals(older));
  });
});

test('a download that copies begins again when the file changes on the server, and versions are not mixed', async t => {
  const {serve, target, queue} = await startMetered(t, {limit: 20 * blockSize});
  const old = noise(30 * blockSize);
  serve('a.bin', old);
  const seed = join(temporaryFolder(t), 'older');
  writeFileSync(seed, old.subarray(0, 10 * blockSize));
  const [id = 0] = queue.add([{...place(target), onConflict: 'fail', seed}]);
  await until(() => (queue.transfer(id)?.verifiedBytes ?? 0) >= 12 * blockSize);
  const next = Buffer.concat([noise(blockSize, 6), old.subarray(0, 20 * blockSize)]);
  serve('a.bin', next);
  await queue.idle();
  const row = queue.transfer(id);
  assert.ok(row);
  assertVerified(row);
  assert.ok(readFileSync(join(target, 'a.bin')).equals(next));
  assert.ok(row.copiedBytes <= row.reusedBytes && row.reusedBytes <= next.length);
});

test('of a seed as much of a block is read as it has, and one that cannot be read says which file it is', async t => {
  const file = join(temporaryFolder(t), 'older');
  writeFileSync(file, content.subarray(0, blockSize + 5));
  const seed = await Seed.open(file);
  assert.equal(seed.size, blockSize + 5);
  const memory = Buffer.alloc(blockSize);
  assert.equal(await seed.read(1, memory, blockSize), 5);
  assert.ok(memory.subarray(0, 5).equals(content.subarray(blockSize, blockSize + 5)));
  assert.equal(await seed.read(2, memory, blockSize), 0);
  assert.equal(await seed.read(0, memory, 7), 7, 'no more than is wanted');
  seed[Symbol.dispose]();
  await assert.rejects(seed.read(0, memory, 7), error => {
    assert.ok(isJangadaError(error, 'local_io'));
    assert.ok(error.message.startsWith(file));
    return true;
  });
});
