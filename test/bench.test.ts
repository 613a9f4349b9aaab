import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {mkdtempSync, readdirSync, realpathSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {test} from 'node:test';
import {promisify} from 'node:util';

const skip = process.platform === 'win32' && 'cp and diff are not there on Windows';

test('the benchmark prints a table for each job, and leaves nothing behind', {skip}, async t => {
  const folder = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'jangada-bench-'));
  t.after(() => rmSync(folder, {recursive: true}));
  const program = path.join(import.meta.dirname, '../bench/bench.ts');
  const {stdout} = await promisify(execFile)(
    process.execPath,
    [program, '--size', '3', '--files', '120', '--transfers', '700', '--rounds', '1'],
    {env: {...process.env, BENCH_DIR: folder}},
  );
  assert.match(stdout, /One file of 3 MiB\n/);
  assert.match(stdout, /120 files of 4 KiB\n/);
  assert.equal(stdout.match(/^ +cp +\d+\.\d\d +\d+\.\d\d +1\.00 /gm)?.length, 2);
  assert.equal(stdout.match(/^ +jangada( +\d+\.\d\d){3} +1\.00/gm)?.length, 2);
  assert.match(stdout, /Checking a file of 3 MiB that is here\n/);
  assert.match(stdout, /^ +sha256, 1 core +\d+\.\d\d +\d+\.\d\d /m);
  assert.match(stdout, /Opening a queue of 700 transfers in the full screen\n/);
  assert.match(stdout, /^ +0 +\d+\.\d\d +0\.00 +\d+\.\d\d /m);
  assert.match(stdout, /^ +700 +\d+\.\d\d +-?\d+\.\d\d +\d+\.\d\d /m);
  assert.deepEqual(readdirSync(folder), []);
});
