import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {QueueWatch} from '../../../../source/commands/queue/queue-watch.ts';
import {CommandOutput} from '../../../../source/commands/results/output.ts';
import {TransferReport} from '../../../../source/commands/transfer/report.ts';
import {startHarness} from '../../../fixtures/harness.ts';
import {Captured} from '../run.ts';

test('however many files finish together, one is hashed at a time, and each is reported', async t => {
  const {serve, queue, download} = await startHarness(t);
  const names = Array.from({length: 40}, (_, index) => `f${index}`);
  for (const name of names) {
    serve(name, name);
  }

  const stdout = new Captured();
  using output = new CommandOutput({stdout, stderr: new Captured(), environment: {}});
  const report = new TransferReport({output, json: false, single: false});
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
