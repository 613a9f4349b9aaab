import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {spawnSync} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {loadFiles} from '../../../../../server/store/folder/root/load-files.ts';
import {openRoot} from '../../../../../server/store/folder/root/open-root.ts';
import type {FileToLoad} from '../../../../../server/store/store.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';

/** Why this system cannot trace the calls of a program; false if it can. */
const cannotTrace =
  spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0
    ? false
    : 'strace is not installed, or may not trace';

const modules = new URL('../../../../../server/store/folder/root/', import.meta.url);

/** Loads all files of a folder `d`, as a server does that has left its start folder. */
const program = `
  const {loadFiles} = await import('${new URL('load-files.ts', modules)}');
  const {openRoot} = await import('${new URL('open-root.ts', modules)}');
  const [root, count] = process.argv.slice(1);
  process.chdir('/');
  const names = Array.from({length: Number(count)}, (_, at) => 'd/file' + String(at).padStart(3, '0'));
  const {bytes} = loadFiles(openRoot(root), names.map(name => [name, 100]), 60_000);
  console.log(bytes.length);
`;

test('each of many small files of one folder costs five system calls, and the folder a few', {
  skip: cannotTrace,
}, t => {
  const folder = temporaryFolder(t);
  const root = join(folder, 'root');
  mkdirSync(join(root, 'd'), {recursive: true});
  const count = 200;
  for (let at = 0; at < count; at++) {
    writeFileSync(join(root, `d/file${String(at).padStart(3, '0')}`), Buffer.alloc(100, at));
  }

  const trace = join(folder, 'trace');
  const words = [process.execPath, '--import', import.meta.resolve('tsx')];
  const ran = spawnSync(
    'strace',
    [
      ...['-f', '-y', '-qq', '-o', trace, ...words],
      ...['--input-type=module', '-e', program, root, String(count)],
    ],
    {encoding: 'utf8'},
  );
  assert.equal(ran.stdout, `${count * 100}\n`, ran.stderr);
  const lines = readFileSync(trace, 'utf8').split('\n');
  const calls = lines.filter(line => /\/file\d{3}\b/.test(line)).flatMap(nameOf);
  const counts = Object.entries(Object.groupBy(calls, name => name)).map(
    ([name, all = []]) => `${all.length} ${name}`,
  );
  assert.equal(calls.length, 5 * count, counts.join());
  const ofFolder = lines.filter(line => /\/d(?:>|"|\/)/.test(line) && !/\/file\d{3}\b/.test(line));
  assert.ok(ofFolder.length < 12, ofFolder.join('\n'));
});

/** The name of the call that begins in a line of `strace -f`; empty if the line only ends a call. */
function nameOf(line: string): string[] {
  return /^\d+ +(\w+)\(/.exec(line)?.slice(1) ?? [];
}

test('if files take long, the call returns those read in time, at least one, and the caller requests the rest again', t => {
  const root = temporaryFolder(t);
  const wanted = ['a', 'b', 'c'].map(name => {
    writeFileSync(join(root, name), name);
    return [parseRemotePath(name), 1] satisfies FileToLoad;
  });
  const opened = openRoot(root);
  t.after(() => opened.close());
  const loaded = (ms: number) => {
    const {files, bytes} = loadFiles(opened, wanted, ms);
    return [files.length, Buffer.from(bytes).toString()];
  };
  assert.deepEqual(loaded(0), [1, 'a']);
  assert.deepEqual(loaded(60_000), [3, 'abc']);
});
