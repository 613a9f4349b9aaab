import assert from 'node:assert/strict';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {aborted} from '../../../../protocol/errors.ts';
import {QueueWatch} from '../../../../source/commands/queue/queue-watch.ts';
import {CommandOutput} from '../../../../source/commands/results/output.ts';
import {TransferReport} from '../../../../source/commands/transfer/report.ts';
import {startHarness, until} from '../../../fixtures/harness.ts';
import {Captured} from '../run.ts';

function startReport(t: TestContext) {
  const stdout = new Captured();
  const output = new CommandOutput({stdout, stderr: new Captured(), environment: {}});
  t.after(() => output[Symbol.dispose]());
  return {stdout, report: new TransferReport({output, json: false, single: false})};
}

test('however many files finish together, one is hashed at a time, and each is reported', async t => {
  const {serve, queue, download} = await startHarness(t);
  const names = Array.from({length: 40}, (_, index) => `f${index}`);
  for (const name of names) {
    serve(name, name);
  }

  const {report, stdout} = startReport(t);
  let open = 0;
  let mostOpen = 0;
  using watch = new QueueWatch(queue, [], report, async file => {
    mostOpen = Math.max(mostOpen, ++open);
    await turn();
    open--;
    return file;
  });
  await download(names, {sizes: true});
  await watch.flush();
  await report.end(false, undefined);
  assert.equal(mostOpen, 1);
  assert.match(stdout.text, /^40 files, 110 B verified in/m);
});

test('the report waits for files that are done while the last ones are hashed', async t => {
  const {serve, queue, download, target} = await startHarness(t);
  serve('a', 'a');
  serve('b', 'b');
  const {report} = startReport(t);
  const sums = {a: Promise.withResolvers<string>(), b: Promise.withResolvers<string>()};
  using watch = new QueueWatch(queue, [], report, file =>
    file === join(target, 'a') ? sums.a.promise : sums.b.promise,
  );
  await download(['a']);
  let isFlushed = false;
  const flushed = watch.flush().then(() => {
    isFlushed = true;
  });
  await download(['b']);
  sums.a.resolve('0'.repeat(64));
  await until(() => report.tally.done === 1);
  await turn();
  assert.ok(!isFlushed);
  sums.b.resolve('1'.repeat(64));
  await flushed;
  assert.equal(report.tally.done, 2);
});

test('files that were not hashed yet when the run was stopped are done, without a SHA-256', async t => {
  const {serve, queue, download} = await startHarness(t);
  serve('a', 'a');
  serve('b', 'b');
  const {report, stdout} = startReport(t);
  using watch = new QueueWatch(queue, [], report, () => Promise.reject(aborted()));
  await download(['a', 'b']);
  await watch.flush();
  await report.end(true, undefined);
  const {done, failed, codes} = report.tally;
  assert.deepEqual({done, failed, codes: [...codes]}, {done: 2, failed: 0, codes: []});
  assert.match(stdout.text, /^2 files, 2 B verified in/m);
});
