import assert from 'node:assert/strict';
import process from 'node:process';
import {test} from 'node:test';
import {chaos} from './chaos/chaos.ts';
import {usualWeights} from './chaos/events.ts';
import {temporaryFolder} from './fixtures/harness.ts';

const skip = process.platform === 'win32' && 'many of the names are not possible on Windows';

test('whatever is killed, cut or damaged, no final name has a wrong byte and all arrives', {
  skip,
  timeout: 110_000,
}, async t => {
  const seed = Number(process.env.CHAOS_SEED ?? 1);
  const tally = await chaos({
    ...{folder: temporaryFolder(t), seed, events: 20, log: line => t.diagnostic(line)},
    tree: {largeMiB: [16, 6, 3, 1], smallFiles: 300},
    weights: {...usualWeights, 'silent for ever': 0},
  });
  t.diagnostic(`seed ${seed}`);
  for (const line of tally.lines()) {
    t.diagnostic(line);
  }

  assert.equal(tally.eventCount, 20);
});
