/**
 * The long chaos test: `npm run test:chaos`.
 *
 *     CHAOS_SEED    what is drawn (default: the time)
 *     CHAOS_EVENTS  how many events (default: 200)
 */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {chaos} from './download/chaos.ts';
import {usualWeights} from './download/events.ts';

const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 1_000_000);
const events = Number(process.env.CHAOS_EVENTS ?? 200);
const folder = mkdtempSync(join(tmpdir(), 'jangada-chaos-'));
const startMs = performance.now();
const log = (line: string) => console.log(line);

log(`Seed ${seed}, ${events} events. The same again: CHAOS_SEED=${seed} npm run test:chaos`);
// Also when a signal ends it.
process.on('exit', () => rmSync(folder, {recursive: true, force: true}));
const tally = await chaos({
  ...{folder, seed, events, log},
  tree: {largeMiB: [40, 24, 12, 9, 6, 4, 3, 2, 1], smallFiles: 300},
  weights: usualWeights,
});
for (const line of tally.lines()) {
  log(line);
}

log(`Everything is there, byte for byte, after ${Math.round(performance.now() - startMs)} ms`);
