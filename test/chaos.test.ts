import assert from 'node:assert/strict';
import {existsSync, mkdirSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {chaos} from './chaos/download/chaos.ts';
import {usualWeights} from './chaos/download/events.ts';
import {queueChaos} from './chaos/queue/queue-chaos.ts';
import {usualWeights as usualQueueWeights} from './chaos/queue/queue-events.ts';
import {usualWeights as usualServerWeights} from './chaos/servers/server-events.ts';
import {serversChaos} from './chaos/servers/servers-chaos.ts';
import {haproxyProgram} from './engines/haproxy.ts';
import {temporaryFolder} from './fixtures/harness.ts';

const skip = process.platform === 'win32' && 'many of the names are not possible on Windows';

const firstSeed = Number(process.env.CHAOS_SEED ?? 1);
const events = 7;

/** The limit for a test that hangs. */
const timeout = 300_000;

// Several short runs, because on a busy machine a long one would reach the time limit of a test.
for (const seed of [firstSeed, firstSeed + 1]) {
  test(`whatever is killed, cut or damaged, no file with a final name has a wrong byte, and every file arrives: seed ${seed}`, {
    skip,
    timeout,
  }, async t => {
    const tally = await chaos({
      ...{folder: temporaryFolder(t), seed, events, log: line => t.diagnostic(line)},
      tree: {largeMiB: [16, 6, 3, 1], smallFiles: 300},
      weights: {...usualWeights, 'silent for ever': 0},
    });
    t.diagnostic(`seed ${seed}`);
    for (const line of tally.lines()) {
      t.diagnostic(line);
    }

    assert.equal(tally.eventCount, events);
  });
}

test(`whichever of two clients of a queue is killed or stopped, no wish is lost and every file arrives: seed ${firstSeed}`, {
  skip,
  timeout,
}, async t => {
  const tally = await queueChaos({
    ...{folder: temporaryFolder(t), seed: firstSeed, events: 8, log: line => t.diagnostic(line)},
    tree: {largeMiB: [9, 4, 2], smallFiles: 60},
    lineRates: [6e6],
    onConflict: ['resume', 'rename'],
    weights: {...usualQueueWeights, 'stopped for long': 0},
  });
  for (const line of tally.lines()) {
    t.diagnostic(line);
  }

  assert.equal(tally.eventCount, 8);
});

test(`whichever of three servers behind HAProxy is killed or stopped, every file arrives as it is served: seed ${firstSeed}`, {
  skip: skip || (!existsSync(haproxyProgram) && 'there is no HAProxy'),
  timeout,
}, async t => {
  const folder = temporaryFolder(t);
  const root = join(folder, 'root');
  mkdirSync(root);
  const tally = await serversChaos({
    ...{folder, roots: [root, root, root], seed: firstSeed, events: 12},
    log: line => t.diagnostic(line),
    tree: {largeMiB: [8, 4, 2], smallFiles: 100},
    weights: usualServerWeights,
  });
  for (const line of tally.lines()) {
    t.diagnostic(line);
  }

  assert.equal(tally.eventCount, 12);
});
