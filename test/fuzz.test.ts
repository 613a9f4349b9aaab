import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import process from 'node:process';
import {test} from 'node:test';
import {temporaryFolder} from './fixtures/harness.ts';
import {fuzzClient} from './fuzz/fuzz-client.ts';
import {fuzzServer} from './fuzz/fuzz-server.ts';

const skip =
  !existsSync('/proc/self/fd') && 'memory and descriptors of a process are not told here';

const seed = Number(process.env.FUZZ_SEED ?? 1);
const seconds = 4;

for (const [promise, fuzz] of [
  ['the server answers good clients, whatever others send', fuzzServer],
  ['no client writes a wrong byte, or outside its target, whatever a server sends', fuzzClient],
] as const) {
  test(`${promise}: seed ${seed}`, {skip}, async t => {
    const log = (line: string) => t.diagnostic(line);
    const tally = await fuzz({folder: temporaryFolder(t), seed, seconds, log});
    assert.ok(tally.attacks > 0);
  });
}
