import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {parseAddress} from '../../../../protocol/address.ts';
import {blockSize, digestSize} from '../../../../protocol/block.ts';
import {Client} from '../../../../source/client/client.ts';
import {BlockPlan} from '../../../../source/transfers/blocks/block-plan.ts';
import {FileProgress} from '../../../../source/transfers/blocks/file-progress.ts';
import type {
  DownloadEvent,
  DownloadProgress,
} from '../../../../source/transfers/terms/download-event.ts';
import {noise, startHarness} from '../../../fixtures/harness.ts';
import {TcpProxy} from '../../../fixtures/proxy.ts';
import {runDownload} from '../../../fixtures/run-download.ts';

const digest = new Uint8Array(digestSize).fill(1);

test('received bytes are reported at most ten times a second, and with every block', () => {
  let nowMs = 0;
  const told: DownloadProgress[] = [];
  const plan = new BlockPlan(3 * blockSize);
  const progress = new FileProgress(
    event => told.push(event),
    () => nowMs,
  );
  progress.begin(plan);
  for (let read = 0; read < 1000; read++) {
    nowMs++;
    progress.received(1000);
  }

  assert.equal(told.length, 11);
  assert.equal(told.at(-1)?.receivedBytes, 1_000_000);
  assert.equal(told.at(-1)?.verifiedBytes, 0);
  progress.received(blockSize - 1_000_000);
  plan.markDone(0, digest);
  progress.verified(blockSize);
  assert.equal(told.length, 12);
  assert.deepEqual(told.at(-1), {
    type: 'progress',
    receivedBytes: blockSize,
    verifiedBytes: blockSize,
    reusedBytes: 0,
    copiedBytes: 0,
  });
});

test('received bytes are reported even if no more arrive, and not again after they were reported or lost, or at the end', t => {
  t.mock.timers.enable({apis: ['setTimeout']});
  const told: number[] = [];
  const plan = new BlockPlan(3 * blockSize);
  // Time passes only for the timers.
  const progress = new FileProgress(
    ({receivedBytes}) => told.push(receivedBytes),
    () => 0,
  );
  const later = (milliseconds: number): number[] => {
    t.mock.timers.tick(milliseconds);
    return told.splice(0);
  };
  const attempt = progress.begin(plan);
  assert.deepEqual(later(1000), [0]);
  progress.received(1000);
  progress.received(500);
  assert.deepEqual(later(99), []);
  progress.received(500);
  assert.deepEqual(later(1), [2000]);
  assert.deepEqual(later(1000), []);

  progress.received(blockSize - 2000);
  plan.markDone(0, digest);
  progress.verified(blockSize);
  assert.deepEqual(later(1000), [blockSize]);
  progress.received(700);
  progress.lost(700);
  assert.deepEqual(later(1000), [blockSize]);
  progress.received(700);
  attempt[Symbol.dispose]();
  assert.deepEqual(later(1000), []);
});

test('a new attempt counts the copied blocks that are still right, and no lost bytes', () => {
  let last: DownloadProgress | undefined;
  const first = new BlockPlan(4 * blockSize);
  const progress = new FileProgress(event => {
    last = event;
  });
  first.markDone(0, digest);
  progress.begin(first);
  first.markDone(1, digest);
  progress.copied(blockSize);
  progress.received(500);
  assert.deepEqual(last, {
    type: 'progress',
    receivedBytes: 2 * blockSize,
    verifiedBytes: 2 * blockSize,
    reusedBytes: 2 * blockSize,
    copiedBytes: blockSize,
  });
  const second = new BlockPlan(4 * blockSize);
  second.markDone(1, digest);
  progress.begin(second);
  assert.deepEqual(last, {
    type: 'progress',
    receivedBytes: blockSize,
    verifiedBytes: blockSize,
    reusedBytes: blockSize,
    copiedBytes: 0,
  });
});

test('blocks that one attempt has fetched do not count as reused in the next', () => {
  let last: DownloadProgress | undefined;
  const progress = new FileProgress(event => {
    last = event;
  });
  const first = new BlockPlan(3 * blockSize);
  first.markDone(0, digest);
  progress.begin(first);
  progress.received(blockSize);
  first.markDone(1, digest);
  progress.verified(blockSize);
  const second = new BlockPlan(3 * blockSize);
  second.markDone(0, digest);
  second.markDone(1, digest);
  progress.begin(second);
  assert.deepEqual(last, {
    type: 'progress',
    receivedBytes: 2 * blockSize,
    verifiedBytes: 2 * blockSize,
    reusedBytes: blockSize,
    copiedBytes: 0,
  });
});

test('on a slow link a block is reported while it arrives, and its bytes are subtracted if the link is lost', async t => {
  const {serve, server, target} = await startHarness(t);
  const size = 2 * blockSize;
  serve('a', noise(size));
  let isCut = false;
  const proxy = await TcpProxy.start(server.port, {
    forwarded: () => undefined,
    ended: () => {
      isCut = true;
      proxy.bytesPerSecond = Number.POSITIVE_INFINITY;
    },
  });
  await using client = new Client(parseAddress(`jangada://127.0.0.1:${proxy.port}`), {retries: 3});
  t.after(() => proxy[Symbol.asyncDispose]());
  const told: DownloadEvent[] = [];
  const sums: DownloadProgress[] = [];
  const result = await runDownload(client, target, {
    tell(event) {
      told.push(event);
      if (event.type === 'download' && !isCut) {
        proxy.bytesPerSecond = 1_000_000;
        const [link] = proxy.links;
        assert.ok(link);
        void proxy.cutAfter(link, 'down', 700_000, 'reset');
      } else if (event.type === 'progress') {
        sums.push(event);
      }
    },
  });
  assert.equal(result.outcome, 'verified');
  const partly = sums.filter(({receivedBytes, verifiedBytes}) => receivedBytes > verifiedBytes);
  assert.ok(partly.length > 1, `${partly.length} while a block arrived`);
  assert.ok(sums.every(({receivedBytes}) => receivedBytes <= size));
  const lost = told.findIndex(({type}) => type === 'lost');
  const before = told.slice(0, lost).findLast(event => event.type === 'progress');
  assert.equal(before?.receivedBytes, 0, 'what was lost is taken back');
  assert.equal(sums.at(-1)?.verifiedBytes, size);
  assert.equal(sums.at(-1)?.receivedBytes, size);
  assert.ok(readFileSync(join(target, 'a')).equals(noise(size)));
});
