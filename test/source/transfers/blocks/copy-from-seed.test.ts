import assert from 'node:assert/strict';
import {readFileSync, truncateSync, writeFileSync} from 'node:fs';
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
import {disk} from '../../../../source/transfers/system/disk.ts';
import type {DownloadEvent} from '../../../../source/transfers/terms/download-event.ts';
import {noise, path, temporaryFolder} from '../../../fixtures/harness.ts';
import {type Metered, startMetered} from '../../../fixtures/metered.ts';

const size = 8 * blockSize - 3;
const content = noise(size);

type Copied = {plan: BlockPlan; bytes: number; states: string[]; partial: Buffer};

/** Copy only from `seed`. `onEvent` may act meanwhile. */
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
  test('reports the progress of checking, and then the progress of copying', async t => {
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
    test(`copies no wrong block from a seed that is ${what} meanwhile`, async t => {
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
      for (let index = 0; index < 8; index++) {
        if (!plan.isNeeded(index)) {
          assert.ok(blockIn(partial, index).equals(blockIn(content, index)));
        }
      }
    });
  }

  for (const when of ['check', 'copy'] as const) {
    test(`stops at once on an abort while it ${when === 'check' ? 'checks' : 'copies'}`, async t => {
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

  test('ends with the first block that cannot be written, and gives its memory back', async t => {
    const metered = await startMetered(t);
    const blocks = new ReceiveBuffers(2);
    let refused = 0;
    type Write = typeof disk.write;
    t.mock.method(disk, 'write', (...[, , , , , done]: Parameters<Write>) => {
      refused++;
      done(Object.assign(new Error('EIO: i/o error, write'), {code: 'EIO'}), 0);
    });
    const {signal} = new AbortController();
    await assert.rejects(
      copy(t, metered, content, () => undefined, signal, blocks),
      error => isJangadaError(error, 'local_io'),
    );
    assert.ok(refused <= 2, `${refused} writes`);
    assert.ok(blocks.take() && blocks.take(), 'all memory is given back');
  });

  test('leaves the queue for memory if it is stopped there, and the next in the queue gets the memory', async t => {
    const metered = await startMetered(t);
    const stop = new AbortController();
    const blocks = new ReceiveBuffers(1);
    const memory = blocks.take();
    assert.ok(memory);
    const onEvent = ({type}: DownloadEvent) => {
      if (type === 'copy') {
        // Then it waits, because no memory is free for the first block.
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

function blockIn(bytes: Buffer, index: number): Buffer {
  return bytes.subarray(index * blockSize, (index + 1) * blockSize);
}
