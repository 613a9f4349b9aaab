import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {mkdirSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {promisify} from 'node:util';
import {temporaryFolder} from '../fixtures/harness.ts';

const skip = process.platform === 'win32' && 'cp and diff are not there on Windows';
const program = path.join(import.meta.dirname, '../../bench/bench.ts');
const run = promisify(execFile);

test('the benchmark runs the chosen rows, writes its results, and leaves nothing behind', {
  skip,
}, async t => {
  const {dir, disk, out} = folders(t);
  const places = ['--dir', dir, '--disk', disk, '--out', out];
  const {stdout} = await run(process.execPath, [
    ...[program, 'small-tmpfs', 'repair'],
    ...['--scale', '0.003', '--rounds', '2', ...places],
  ]);
  for (const about of ['repair: one file of 3 MiB', 'small-tmpfs: 30 files of 4 KiB']) {
    assert.ok(stdout.includes(about), stdout);
  }

  assert.equal(stdout.match(/^ {2}jangada +\d+\.\d+ +\S+ +2 /gm)?.length, 2);
  assert.match(stdout, /^ {2}cp +\d+\.\d+ +\S+ +2 /m);
  assert.match(stdout, /cp ÷ jangada +\d+\.\d+ × +\S+$/m);
  assert.match(stdout, /memory of the server +\d+ MB +\S+ +≤ 150 MB +(met|short)$/m);
  assert.match(stdout, /^\d+ of \d+ goals are met$/m);
  assert.deepEqual([...readdirSync(dir), ...readdirSync(disk)], []);
  const [json = '', svg = ''] = readdirSync(out).sort();
  const record: {rows: Array<{name: string}>} = JSON.parse(
    readFileSync(path.join(out, json), 'utf8'),
  );
  assert.deepEqual(
    record.rows.map(({name}) => name),
    ['repair', 'small-tmpfs'],
  );
  assert.match(readFileSync(path.join(out, svg), 'utf8'), /^<svg .*<\/svg>\n$/s);
});

test('another build runs in turn with this one, without other programs if the user asks for that', {
  skip,
}, async t => {
  const {dir, out} = folders(t);
  const dist = path.join(import.meta.dirname, '../../dist');
  const {stdout} = await run(process.execPath, [
    ...[program, 'start-list', '--quick', '--rounds', '1', '--alone', '--against', dist],
    ...['--dir', dir, '--out', out],
  ]);
  const names = Array.from(stdout.matchAll(/^ {2}(\S.*?) +\d+\.\d+ .* 1 /gm), match => match[1]);
  assert.deepEqual(names, ['jangada', 'other build']);
  assert.match(stdout, /other build ÷ jangada +\d+\.\d+ × /);
});

test('unknown words are named, and nothing runs', async () => {
  for (const [words, message] of [
    [['small', 'smal'], /Unknown row: 'smal'\. --list shows all rows/],
    [['--rounds', '0'], /--rounds takes a whole number of 1 or more, not '0'/],
    [['--scale', 'x'], /--scale takes a number above 0 and up to 16, not 'x'/],
    [['--dir', '/no/such/folder'], /--dir takes an existing folder, not '\/no\/such\/folder'/],
    [['--round', '3'], /Unknown option '--round'/],
  ] as const) {
    await assert.rejects(run(process.execPath, [program, ...words]), {code: 2, stderr: message});
  }
});

function folders(t: TestContext): {dir: string; disk: string; out: string} {
  const folder = temporaryFolder(t);
  const make = (name: string) => {
    mkdirSync(path.join(folder, name));
    return path.join(folder, name);
  };
  return {dir: make('in memory'), disk: make('on disk'), out: path.join(folder, 'results')};
}
