import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {QueueWatch} from '../../../../source/commands/queue/queue-watch.ts';
import {CommandOutput} from '../../../../source/commands/results/output.ts';
import {TransferReport} from '../../../../source/commands/transfer/report.ts';
import {TransferWatch} from '../../../../source/commands/transfer/watch.ts';
import type {Queue} from '../../../../source/transfers/queue/queue.ts';
import {path, startHarness} from '../../../fixtures/harness.ts';
import {Captured} from '../run.ts';

/** A queue of 2,000 paused transfers, which counts how many of them are read. */
async function startCounted(t: TestContext) {
  const {queue, target} = await startHarness(t);
  const ids = queue.add(
    Array.from({length: 2000}, (_, index) => ({
      remotePath: path(`f${index}`),
      folder: target,
      localPath: `f${index}`,
      onConflict: 'fail' as const,
    })),
  );
  for (const id of ids) {
    queue.pause(id);
  }

  queue.flush();
  const asked = {count: 0};
  const transfer = queue.transfer.bind(queue);
  const ended = queue.ended.bind(queue);
  queue.ended = id => {
    const row = ended(id);
    asked.count += row === undefined ? 0 : 1;
    return row;
  };
  const slice = queue.slice.bind(queue);
  queue.transfer = id => {
    asked.count++;
    return transfer(id);
  };
  queue.slice = (from, to) => {
    const rows = slice(from, to);
    asked.count += rows.length;
    return rows;
  };
  return {queue, ids, asked};
}

const silent = new CommandOutput({
  stdout: new Captured(),
  stderr: new Captured(),
  environment: {},
});

const watches: ReadonlyArray<
  [name: string, start: (queue: Queue) => Disposable & {flush(): unknown}]
> = [
  ['a downloading command', queue => new TransferWatch(queue, () => undefined)],
  [
    'a run of the queue',
    queue =>
      new QueueWatch(
        queue,
        [],
        new TransferReport({output: silent, json: false, single: false}),
        undefined,
      ),
  ],
];

for (const [name, start] of watches) {
  test(`${name} reads only transfers that have changed`, async t => {
    const {queue, ids, asked} = await startCounted(t);
    using watch = start(queue);
    watch.flush();
    asked.count = 0;
    for (const id of ids.slice(0, 3)) {
      queue.cancel(id);
      watch.flush();
    }

    assert.equal(asked.count, 3);
  });
}
