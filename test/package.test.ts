/** The package as its users get it: packed, and installed into an empty folder without the network. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {promisify} from 'node:util';
import {temporaryFolder} from './fixtures/harness.ts';
import {programParts} from './fixtures/program-parts.ts';
import {serveExampleFiles} from './fixtures/serve-example-files.ts';

const root = path.join(import.meta.dirname, '..');
const {version} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const run = promisify(execFile);

test('the package holds programs, library, documents and licences, and nothing else', async t => {
  const {packed} = await pack(t);
  const {types, others} = split(packed);
  const workers = globSync('{server,source}/**/*-worker.ts', {cwd: root});
  assert.deepEqual(
    others,
    [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
      'dist/THIRD-PARTY.txt',
      'dist/config.schema.json',
      'dist/index.js',
      'dist/jangada-server.js',
      ...programParts('jangada.js').map(name => `dist/${name}`),
      ...workers.map(file => `dist/${path.basename(file, '.ts')}.js`),
      ...readdirSync(path.join(root, 'docs'), {recursive: true, withFileTypes: true})
        .filter(entry => entry.isFile())
        .map(({name, parentPath}) => path.relative(root, path.join(parentPath, name))),
    ].sort(),
  );
  assert.ok(types.includes('dist/types/source/index.d.ts'));
});

test('installed without its optional package, both programs run and a file arrives', async t => {
  const {folder} = await install(t);
  assert.deepEqual(readdirSync(path.join(folder, 'node_modules')).filter(isShown), ['jangada']);
  for (const name of ['jangada', 'jangada-server']) {
    const {stdout, stderr} = await run(program(folder, name), ['--version'], shell);
    assert.equal(stdout.trim(), version);
    assert.equal(stderr, '');
  }

  const address = await serveFiles(t, folder);
  const target = path.join(folder, 'downloads');
  const options = {env: {...process.env, JANGADA_STATE: path.join(folder, 'state')}, ...shell};
  const words = ['mget', '{mar,fotos}/**', '--to', target, '--server', address];
  await run(program(folder, 'jangada'), words, options);
  for (const name of globSync(['mar/**/*.*', 'fotos/**/*.*'], {cwd: path.join(root, 'files')})) {
    const expected = readFileSync(path.join(root, 'files', name));
    assert.ok(expected.equals(readFileSync(path.join(target, name))), `${name} differs`);
  }
});

const consumer = `
import {Client, type Entry, type Hello, parseAddress, Queue, rootPath} from 'jangada';

const client = new Client(parseAddress(process.argv[2] ?? ''));
const queue = new Queue({client});
const hello: Hello = await client.hello();
// @ts-expect-error It is a string: types that cannot be read would let this pass.
const wrong: number = hello.server;
const entries: Entry[] = [];
for await (const batch of client.list(rootPath)) {
  entries.push(...batch);
}

console.log(typeof wrong, queue.snapshot().rows.length, entries.map(({name}) => name).sort().join());
await queue[Symbol.asyncDispose]();
await client[Symbol.asyncDispose]();
`;

test('installed, the library runs and its types need only those of Node', async t => {
  const {folder, packed} = await install(t);
  writeFileSync(path.join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(path.join(folder, 'consumer.ts'), consumer);
  writeFileSync(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {module: 'nodenext', strict: true, types: ['node'], noEmit: true},
      files: ['consumer.ts'],
    }),
  );
  const ours = path.join(root, 'node_modules');
  mkdirSync(path.join(folder, 'node_modules/@types'));
  symlinkSync(
    path.join(ours, '@types/node'),
    path.join(folder, 'node_modules/@types/node'),
    'junction',
  );

  const compiler = path.join(ours, 'typescript/bin/tsc');
  const words = [compiler, '-p', folder, '--listFiles'];
  // Its complaints are on standard output, too.
  const {stdout} = await run(process.execPath, words).catch(error => error);
  const lines: string[] = stdout.trim().split('\n');
  assert.deepEqual(
    lines.filter(line => !path.isAbsolute(line)),
    [],
  );
  const inPackage = path.join(folder, 'node_modules/jangada/');
  const read = lines.filter(line => path.normalize(line).startsWith(inPackage));
  const names = read.map(line => line.slice(inPackage.length).replaceAll(path.sep, '/'));
  assert.deepEqual(names.sort(), split(packed).types, 'the package has those that are used');

  const address = await serveFiles(t, folder);
  const {stdout: told} = await run(process.execPath, [path.join(folder, 'consumer.ts'), address]);
  const served = readdirSync(path.join(root, 'files')).sort().join();
  assert.equal(told.trim(), `string 0 ${served}`);
});

/** Packs this checkout as it may look after some work; `packed` are the files in the tarball. */
async function pack(t: TestContext): Promise<{tarball: string; packed: string[]}> {
  const folder = realpathSync(temporaryFolder(t));
  const checkout = path.join(folder, 'checkout');
  const files = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'docs', 'dist', 'source'];
  for (const name of files) {
    cpSync(path.join(root, name), path.join(checkout, name), {recursive: true});
  }

  for (const stray of ['.state/queue.db', 'dist/state/queue.db', 'dist/.build-1/index.js']) {
    mkdirSync(path.join(checkout, path.dirname(stray)), {recursive: true});
    writeFileSync(path.join(checkout, stray), '');
  }

  // It is built already.
  const words = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const {stdout} = await npm(words, checkout);
  const [{filename, files: listed}] = JSON.parse(stdout);
  return {
    tarball: path.join(folder, filename),
    packed: listed.map((file: {path: string}) => file.path),
  };
}

async function install(t: TestContext): Promise<{folder: string; packed: string[]}> {
  const {tarball, packed} = await pack(t);
  const folder = realpathSync(temporaryFolder(t));
  const words = ['install', '--offline', '--omit=dev', '--omit=optional', tarball];
  await npm([...words, '--cache', path.join(folder, '.cache')], folder);
  return {folder, packed};
}

// The programs and npm itself are scripts on Windows.
const shell = {shell: process.platform === 'win32'};

function npm(words: readonly string[], cwd: string) {
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  return run('npm', [...words, ...quiet], {cwd, ...shell});
}

function split(packed: readonly string[]): {types: string[]; others: string[]} {
  const isType = (file: string) => file.startsWith('dist/types/');
  return {
    types: packed.filter(isType).sort(),
    others: packed.filter(file => !isType(file)).sort(),
  };
}

function isShown(name: string): boolean {
  return !name.startsWith('.');
}

function program(folder: string, name: string): string {
  return path.join(folder, 'node_modules/.bin', name);
}

async function serveFiles(t: TestContext, folder: string): Promise<string> {
  const installed = path.join(folder, 'node_modules/jangada/dist/jangada-server.js');
  return await serveExampleFiles(t, installed);
}
