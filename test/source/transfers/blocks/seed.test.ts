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
import {suite, type TestContext, test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {ReceiveBuffers} from '../../../../source/client/connection/receive-buffers.ts';
import {BlockPlan} from '../../../../source/transfers/blocks/block-plan.ts';
import {copyFromSeed} from '../../../../source/transfers/blocks/copy-from-seed.ts';
import {FileProgress} from '../../../../source/transfers/blocks/file-progress.ts';
import {Seed} from '../../../../source/transfers/blocks/seed.ts';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {PartialFile} from '../../../../source/transfers/disk/partial-file.ts';
import {checker} from '../../../../source/transfers/hashing/checker.ts';
import type {Queue, TransferSnapshot} from '../../../../source/transfers/queue/queue.ts';
import type {DownloadEvent} from '../../../../source/transfers/terms/download-event.ts';
import {waitsForRoom} from '../../../../source/transfers/terms/transfer-state.ts';
import {noise, path, temporaryFolder, until} from '../../../fixtures/harness.ts';
import {type Metered, startMetered} from '../../../fixtures/metered.ts';
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

/** Every state that is told of a transfer. */
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
    test(`${what}: what it has is copied, the rest is fetched, and it is only read`, async t => {
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

  test('one block that it has is copied to every place that needs it', async t => {
    const {serve, target, fetch} = await startMetered(t);
    const repeated = Buffer.concat([block(1), block(0), block(1), block(1)]);
    serve('a.bin', repeated);
    const seed = join(temporaryFolder(t), 'older');
    writeFileSync(seed, Buffer.concat([block(3), block(1)]));
    const {blocks} = await fetch('a.bin', {seed});
    assert.deepEqual(blocks, [1]);
    assert.ok(readFileSync(join(target, 'a.bin')).equals(repeated));
  });

  test('comes after the partial: only what that lacks is copied, and both are told apart', async t => {
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

  test('together with what another tool has left', async t => {
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
    test(`may be the file that is there, with ${onConflict}`, async t => {
      const {serve, target, fetch} = await startMetered(t);
      serve('a.bin', content);
      mkdirSync(target);
      const seed = join(target, 'a.bin');
      writeFileSync(seed, Buffer.concat([noise(blockSize, 4), content]));
      const {row, blocks} = await fetch('a.bin', {seed, onConflict});
      assertVerified(row);
      // As the partial it is cut to the length of the file first.
      assert.deepEqual(blocks, onConflict === 'overwrite' ? [] : [6, 7]);
      assert.ok(readFileSync(seed).equals(content));
      assert.deepEqual(readdirSync(target), ['a.bin']);
    });
  }

  test('may be a link, and the small file that is fetched takes the long way', async t => {
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

  test('an empty file needs none', async t => {
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
    test(`that ${what} is an error before anything is touched or fetched`, {
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

  test('shows how fast it is checked; after that the speed is that of fetching', async t => {
    // Far slower than even a busy machine hashes.
    const {serve, target, queue} = await startMetered(t, {limit: 4 * blockSize});
    serve('a.bin', noise(5 * blockSize));
    const seed = join(temporaryFolder(t), 'older');
    writeFileSync(seed, '');
    // A hole that nobody could hash in time: it is cut off when it has been seen how fast that goes.
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

  test('47: that does not fit is said before it is copied', async t => {
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

  test('with a second name stays as it is, though it has the final name', async t => {
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

type Copied = {plan: BlockPlan; bytes: number; states: string[]; partial: Buffer};

/** Copy from `seed` alone; `onEvent` may do something meanwhile. */
async function copy(
  t: TestContext,
  {client, serve, target}: Metered,
  bytes: Buffer,
  onEvent: (event: DownloadEvent, seed: string) => void,
  signal: AbortSignal = new AbortController().signal,
  blocks = new ReceiveBuffers(2),
): Promise<Copied> {
  serve('a.bin', content);
  const seedPath = join(temporaryFolder(t), 'older');
  writeFileSync(seedPath, bytes);
  using folder = new TargetFolder(target);
  using seed = await Seed.open(seedPath);
  const partial = new PartialFile(folder.open([]), 'a.bin');
  const plan = new BlockPlan(size);
  const states: string[] = [];
  let copiedBytes = 0;
  const progress = new FileProgress(event => {
    copiedBytes = event.copiedBytes;
  });
  progress.begin(plan);
  try {
    const remotePath = path('a.bin');
    const {version = ''} = await client.stat(remotePath);
    const algorithm = await client.digestAlgorithm();
    await copyFromSeed(
      seed,
      {remotePath, version, algorithm, plan, partial, progress},
      {client, blocks, checker},
      event => {
        states.push(event.type);
        onEvent(event, seedPath);
      },
      signal,
    );
    return {plan, bytes: copiedBytes, states, partial: readFileSync(partial.path)};
  } finally {
    partial.close();
  }
}

suite('copying', () => {
  test('tells how far checking is, and then how far copying is', async t => {
    const metered = await startMetered(t);
    const told: DownloadEvent[] = [];
    const {states, bytes} = await copy(t, metered, content.subarray(0, 5 * blockSize), event => {
      told.push(event);
    });
    assert.equal(bytes, 5 * blockSize);
    assert.equal(states.lastIndexOf('check') + 1, states.indexOf('copy'));
    const totalBytes = 5 * blockSize;
    assert.deepEqual(told[0], {type: 'check', checkedBytes: 0, totalBytes});
    assert.deepEqual(told.at(-1), {type: 'copy', copiedBytes: totalBytes, totalBytes});
  });

  const changes: ReadonlyArray<[string, (seed: string) => void]> = [
    ['rewritten', seed => writeFileSync(seed, noise(size, 50))],
    ['truncated', seed => truncateSync(seed, blockSize + 1)],
  ];
  for (const [what, change] of changes) {
    test(`takes nothing wrong from a seed that is ${what} meanwhile`, async t => {
      const metered = await startMetered(t);
      let changed = false;
      const {plan, bytes, partial} = await copy(t, metered, content, (event, seed) => {
        if (event.type === 'copy' && event.copiedBytes >= blockSize && !changed) {
          changed = true;
          change(seed);
        }
      });
      assert.ok(changed);
      assert.ok(bytes >= blockSize && bytes < size, `${bytes}`);
      assert.equal(plan.doneBytes, bytes);
      for (const index of all) {
        if (!plan.isNeeded(index)) {
          assert.ok(
            partial.subarray(index * blockSize, (index + 1) * blockSize).equals(block(index)),
          );
        }
      }
    });
  }

  for (const when of ['check', 'copy'] as const) {
    test(`stops at once when it is told to, while it ${when === 'check' ? 'checks' : 'copies'}`, async t => {
      const metered = await startMetered(t);
      const stop = new AbortController();
      const blocks = new ReceiveBuffers(2);
      const events: string[] = [];
      await assert.rejects(
        copy(
          t,
          metered,
          content,
          event => {
            events.push(event.type);
            if (event.type === when) {
              stop.abort();
            }
          },
          stop.signal,
          blocks,
        ),
        error => isJangadaError(error, 'aborted'),
      );
      assert.ok(blocks.take() && blocks.take(), 'all memory is given back');
      assert.equal(events.includes('copy'), when === 'copy');
      assert.ok(events.filter(type => type === 'copy').length <= 3);
    });
  }

  test('leaves the line for memory when it is stopped while it waits there: the next one has it', async t => {
    const metered = await startMetered(t);
    const stop = new AbortController();
    const blocks = new ReceiveBuffers(1);
    const memory = blocks.take();
    assert.ok(memory);
    const onEvent = ({type}: DownloadEvent) => {
      if (type === 'copy') {
        // By then it waits: there is no memory for the first block.
        setImmediate(() => stop.abort());
      }
    };
    await assert.rejects(copy(t, metered, content, onEvent, stop.signal, blocks), error =>
      isJangadaError(error, 'aborted'),
    );
    let told = 0;
    blocks.onFree(() => {
      told++;
    });
    blocks.give(memory);
    assert.equal(told, 1);
  });
});

test('a file that changes on the server while it is copied is begun again, and is no mix', async t => {
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
