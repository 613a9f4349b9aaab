import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {mkdtempSync, readdirSync, realpathSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {test} from 'node:test';
import {promisify} from 'node:util';

const skip = process.platform === 'win32' && 'cp and diff are not there on Windows';

test('the benchmark of the full screen prints all figures with their budgets, and leaves no file behind', {
  skip,
  timeout: 300_000,
}, async t => {
  const folder = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'jangada-bench-'));
  t.after(() => rmSync(folder, {recursive: true}));
  const program = path.join(import.meta.dirname, '../bench/interface.ts');
  const {stdout} = await promisify(execFile)(
    process.execPath,
    [program, '--entries', '300', '--keys', '3', '--rounds', '1', '--seconds', '1'],
    {env: {...process.env, BENCH_DIR: folder}},
  );
  const figures = stdout.matchAll(/^ {2}(\S.*?)( +\d+\.\d){3} +(ms|%|MB|B) +(off )?(≤ )?\d/gm);
  assert.deepEqual(
    Array.from(figures, ([, name]) => name),
    [
      'first frame',
      'first rows of 30',
      'first frame, nothing compiled before',
      'all of 300 entries',
      'resident, 300 entries',
      'sort of 300',
      'mark 300',
      'processor, idle',
      'written, idle',
      'processor, a key held',
      'key to screen, 300 entries, 8 downloads',
      'processor, 8 downloads',
      'the same, and a key held',
      'between changes of the row, 50000 B/s link',
      'speed in the header, 50000 B/s link',
      'speed in the row, 50000 B/s link',
      'between changes of the row, 200000 B/s link',
      'speed in the header, 200000 B/s link',
      'speed in the row, 200000 B/s link',
      'between changes of the row, 5000000 B/s link',
      'speed in the header, 5000000 B/s link',
      'speed in the row, 5000000 B/s link',
    ],
  );
  assert.deepEqual(readdirSync(folder), []);
});
