import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {spawnSync} from 'node:child_process';
import fs, {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {parseRemotePath} from '../../../../../protocol/remote-path.ts';
import {versionOf} from '../../../../../server/store/folder/root/file-state.ts';
import {loadFiles} from '../../../../../server/store/folder/root/load-files.ts';
import {openRoot} from '../../../../../server/store/folder/root/open-root.ts';
import type {FileToLoad} from '../../../../../server/store/store.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {openUnder} from '../../../../fixtures/server/server-folder.ts';
import {cannotTrace} from '../../../../fixtures/strace.ts';
import {withTypeScript} from '../../../../fixtures/with-typescript.ts';

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
  const words = [process.execPath, ...withTypeScript];
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

/** A root with the files `d/a` and `d/b`, each of three bytes, and what loading both gives. */
function loaderOf(t: TestContext) {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'root/d'), {recursive: true});
  for (const name of ['a', 'b']) {
    writeFileSync(join(folder, 'root/d', name), 'old');
  }

  const root = openRoot(join(folder, 'root'));
  t.after(() => root.close());
  const load = (...files: [name: string, size: number][]) => {
    const wanted = files.map(([name, size]): FileToLoad => [parseRemotePath(name), size]);
    const {files: loaded, bytes} = loadFiles(root, wanted, 60_000);
    return {loaded, text: Buffer.from(bytes).toString()};
  };
  return {folder, root, load};
}

test('files that are loaded, and those that cannot be, leave nothing open', {
  skip: process.platform === 'linux' ? false : 'descriptors are counted in /proc',
}, t => {
  const {folder, load} = loaderOf(t);
  const before = openUnder(folder);
  const {loaded, text} = load(['d/a', 3], ['d/b', 2], ['d/b', 4], ['d/missing', 3], ['d', 0]);
  assert.equal(text, 'old');
  assert.deepEqual(
    loaded.map(file => (file.kind === 'file' ? file.size : file.code)),
    [3, 'changed', 'changed', 'not_found', 'not_a_file'],
  );
  // Each alone, as a single file of a folder is.
  load(['d/a', 3]);
  load(['d/a', 2]);
  load(['d/a', 4]);
  load(['d', 0]);
  // A root keeps the folder of the last file for this turn.
  assert.ok(openUnder(folder) <= before + 1, `${openUnder(folder)} are open`);
});

for (const [how, names] of [
  ['with others of its folder', ['d/a', 'd/b']],
  ['alone', ['d/a']],
] as const) {
  test(`a file that is written while it is read ${how} is never a mixture under one version`, t => {
    const {folder, root, load} = loaderOf(t);
    const a = join(folder, 'root/d/a');
    const {readSync} = fs;
    let reads = 0;
    const changing = (...args: unknown[]) => {
      const count = Reflect.apply(readSync, fs, args);
      if (++reads === 1) {
        writeFileSync(a, 'new');
        fs.utimesSync(a, 1, 1);
      }

      return count;
    };
    fs.readSync = Object.assign(changing, readSync);
    syncBuiltinESMExports();
    t.after(() => {
      fs.readSync = readSync;
      syncBuiltinESMExports();
    });
    const {loaded, text} = load(...names.map((name): [string, number] => [name, 3]));
    const [first] = loaded;
    if (first?.kind === 'file') {
      const {mtimeNs, size} = root.stat(parseRemotePath('d/a'));
      assert.equal(first.version, versionOf({mtimeNs, size}));
      assert.equal(text.slice(0, 3), 'new');
    } else {
      assert.equal(first?.code, 'changed');
    }
  });
}

test('the cause of a failure is told for the log, and none where there is none', t => {
  const {load} = loaderOf(t);
  const {loaded} = load(['d/missing', 1], ['d/a', 1]);
  const causes = loaded.map(file => file.kind === 'error' && file.cause);
  assert.match(String(causes[0]), /ENOENT/);
  assert.equal(causes[1], '');
});
