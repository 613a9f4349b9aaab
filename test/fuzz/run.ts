/**
 * The long fuzz tests: `npm run test:fuzz`.
 *
 *     FUZZ_SEED     the seed of all mutations (default: the time)
 *     FUZZ_SECONDS  how long to fuzz each program (default: 60)
 *     FUZZ_MODE     `server` or `client`: which of our programs to fuzz (default: one after the other)
 */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {fuzzClient} from './fuzz-client.ts';
import {fuzzServer} from './fuzz-server.ts';

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
const seconds = Number(process.env.FUZZ_SECONDS ?? 60);

console.log(`Seed ${seed}, ${seconds} s each. The same again: FUZZ_SEED=${seed} npm run test:fuzz`);
for (const [mode, fuzz] of Object.entries({server: fuzzServer, client: fuzzClient})) {
  if ((process.env.FUZZ_MODE ?? mode) === mode) {
    const folder = mkdtempSync(join(tmpdir(), 'jangada-fuzz-'));
    // Remove the folder even if a signal ends this process.
    process.on('exit', () => rmSync(folder, {recursive: true, force: true}));
    await fuzz({folder, seed, seconds, log: line => console.log(line)});
  }
}
