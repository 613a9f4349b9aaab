/**
 * The long chaos tests: `npm run test:chaos`.
 *
 *     CHAOS_SEED    the seed of all random events (default: the time)
 *     CHAOS_EVENTS  how many events (default: 200)
 *     CHAOS_MODE    `download`, `queue` or `servers` (default: one after the other)
 */
import {existsSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {haproxyProgram} from '../engines/haproxy.ts';
import {chaos} from './download/chaos.ts';
import {usualWeights} from './download/events.ts';
import {queueChaos} from './queue/queue-chaos.ts';
import {usualWeights as usualQueueWeights} from './queue/queue-events.ts';
import {usualWeights as usualServerWeights} from './servers/server-events.ts';
import {serversChaos} from './servers/servers-chaos.ts';

const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
const events = Number(process.env.CHAOS_EVENTS ?? 200);
const modes = {
  download: (folder: string) =>
    chaos({
      ...{folder, seed, events, log},
      tree: {largeMiB: [40, 24, 12, 9, 6, 4, 3, 2, 1], smallFiles: 300},
      weights: usualWeights,
    }),
  queue: (folder: string) =>
    queueChaos({
      ...{folder, seed, events, log},
      tree: {largeMiB: [40, 24, 12, 9, 6, 4, 3, 2, 1], smallFiles: 300},
      lineRates: [3e6, 6e6, 12e6, 25e6],
      onConflict: ['resume', 'rename'],
      weights: usualQueueWeights,
    }),
  servers(folder: string) {
    const root = join(folder, 'root');
    mkdirSync(root);
    return serversChaos({
      ...{folder, roots: [root, root, root], seed, events, log},
      tree: {largeMiB: [12, 6, 4, 3, 2, 1], smallFiles: 300},
      weights: usualServerWeights,
    });
  },
};

log(`Seed ${seed}, ${events} events. The same again: CHAOS_SEED=${seed} npm run test:chaos`);
for (const [mode, run] of Object.entries(modes)) {
  if (mode === 'servers' && !existsSync(haproxyProgram)) {
    log(`${mode}: skipped, there is no HAProxy`);
  } else if ((process.env.CHAOS_MODE ?? mode) === mode) {
    await inFolder(mode, run);
  }
}

async function inFolder(
  mode: string,
  run: (folder: string) => Promise<{lines(): string[]}>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'jangada-chaos-'));
  const startMs = performance.now();
  // Remove the folder even if a signal ends this process.
  process.on('exit', () => rmSync(folder, {recursive: true, force: true}));
  log(`${mode}:`);
  const tally = await run(folder);
  for (const line of tally.lines()) {
    log(line);
  }

  log(`Everything is there, byte for byte, after ${Math.round(performance.now() - startMs)} ms`);
  rmSync(folder, {recursive: true, force: true});
}

function log(line: string): void {
  console.log(line);
}
