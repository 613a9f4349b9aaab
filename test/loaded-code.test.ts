import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {temporaryFolder} from './fixtures/harness.ts';
import {codeLoadedBy} from './fixtures/loaded-code.ts';
import {serveExampleFiles} from './fixtures/serve-example-files.ts';

const dist = path.join(import.meta.dirname, '../dist');

/** Modules of Node that take milliseconds to load and that few commands need. */
const costly = [
  'child_process',
  'crypto',
  'dns/promises',
  'fs/promises',
  'http',
  'https',
  'net',
  'perf_hooks',
  'readline',
  'sqlite',
  'tls',
  'v8',
  'worker_threads',
  'zlib',
];

/** The folder of the full screen, and the packages that draw it. */
const screen = /^\/\/ (?:source\/tui\/(?!text\/)|node_modules\/(?:ink|react|yoga-layout)\/)\S*/gm;

const costlyOf = (builtins: ReadonlySet<string>) => costly.filter(name => builtins.has(name));

const screenOf = (files: readonly string[]) =>
  files.flatMap(name => readFileSync(path.join(dist, name), 'utf8').match(screen) ?? []);

test('--version loads three files, and none of the modules of Node that take long', async t => {
  const {status, files, bytes, builtins} = await codeLoadedBy(t, ['--version']);
  assert.equal(status, 0);
  assert.equal(files.length, 3, files.join());
  assert.ok(bytes <= 200_000, `${bytes} bytes`);
  assert.deepEqual(costlyOf(builtins), []);
});

test('a command loads a few files, nothing of the full screen, and only those modules of Node that it uses', async t => {
  const server = await serveExampleFiles(t, path.join(dist, 'jangada-server.js'));
  const list = await codeLoadedBy(t, ['list', '--server', server]);
  assert.equal(list.status, 0);
  assert.equal(list.files.length, 6, list.files.join());
  assert.ok(list.bytes <= 630_000, `${list.bytes} bytes`);
  assert.deepEqual(screenOf(list.files), []);
  const allowed = ['net', 'perf_hooks', 'v8'];
  assert.deepEqual(
    costlyOf(list.builtins).filter(name => !allowed.includes(name)),
    [],
  );

  // V8 compiles a module again if it is loaded after half a second, with other flags (source/memory-budget.ts).
  assert.ok(list.compiledAnew.length <= 5, list.compiledAnew.join());

  const words = ['mget', 'mar/**', '--to', temporaryFolder(t), '--server', server];
  const mget = await codeLoadedBy(t, words);
  assert.equal(mget.status, 0);
  const parts = mget.files.filter(name => !name.startsWith('..'));
  assert.ok(parts.length <= 11, parts.join());
  assert.deepEqual(screenOf(parts), []);
  for (const name of ['child_process', 'http', 'readline', 'tls', 'zlib']) {
    assert.ok(!mget.builtins.has(name), name);
  }
});

test('completion at Tab loads a few files, and the code that connects only to complete names on a server', async t => {
  const commands = await codeLoadedBy(t, ['__complete', 'fish', 'li']);
  assert.equal(commands.status, 0);
  assert.equal(commands.files.length, 4, commands.files.join());
  assert.ok(commands.bytes <= 220_000, `${commands.bytes} bytes`);
  assert.deepEqual(costlyOf(commands.builtins), []);

  const server = await serveExampleFiles(t, path.join(dist, 'jangada-server.js'));
  const names = await codeLoadedBy(t, ['__complete', 'fish', 'list', '-s', server, 'f']);
  assert.equal(names.status, 0);
  assert.ok(names.files.length <= 8, names.files.join());
  assert.deepEqual(screenOf(names.files), []);
  const allowed = ['net', 'perf_hooks', 'v8'];
  assert.deepEqual(
    costlyOf(names.builtins).filter(name => !allowed.includes(name)),
    [],
  );
});
