/** The package as its users get it: packed, then installed into an empty folder without the network. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {
  cpSync,
  existsSync,
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

test('the package has programs, library, documents and licences, and nothing else', async t => {
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
      'dist/jangada-server.1',
      'dist/jangada-server.js',
      'dist/jangada.1',
      ...programParts('jangada.js').map(name => `dist/${name}`),
      ...workers.map(file => `dist/${path.basename(file, '.ts')}.js`),
      ...['docs', 'examples']
        .flatMap(name => readdirSync(path.join(root, name), {recursive: true, withFileTypes: true}))
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
import {createWriteStream} from 'node:fs';
import {pipeline} from 'node:stream/promises';
import {
  Client,
  type Downloaded,
  download,
  type Entry,
  type ErrorCode,
  type Hello,
  isJangadaError,
  parseAddress,
  Queue,
  type QueueEvent,
  read,
  readBytes,
  rootPath,
  verify,
} from 'jangada';

const [server = '', folder = ''] = process.argv.slice(2);
const client = new Client(parseAddress(server));
const hello: Hello = await client.hello();
// @ts-expect-error It is a string: types that cannot be read would let this pass.
const wrong: number = hello.server;
const entries: Entry[] = [];
for await (const batch of client.list(rootPath)) {
  entries.push(...batch);
}

const {file, root}: Downloaded = await download('mar/ondas.txt', folder + '/a', {server: client});
const {equal} = await verify('mar/ondas.txt', file, {server, ...(root && {expect: root})});
const bytes: Uint8Array<ArrayBuffer> = await readBytes('mar/ondas.txt', {server, length: 5});
await pipeline(read('mar/ondas.txt', {server}), createWriteStream(folder + '/b'));
const size = (await new Response(read('mar/ondas.txt', {server})).blob()).size;
const code = await readBytes('none', {server}).catch((error: unknown): ErrorCode => {
  if (isJangadaError(error, 'not_found')) {
    return error.code;
  }

  throw error;
});

const queue = new Queue({server: client, stateFolder: folder + '/state'});
queue.add([{remotePath: 'mar/ondas.txt', folder, localPath: 'c'}]);
const ends: Array<QueueEvent['type']> = [];
for await (const event of queue.events()) {
  if (event.type === 'done') {
    const {outcome}: {outcome: 'verified' | 'skipped'} = event.transfer.state;
    ends.push(outcome === 'verified' ? 'done' : 'failed');
  } else if (event.type === 'idle') {
    break;
  }
}

await queue[Symbol.asyncDispose]();
await client[Symbol.asyncDispose]();
console.log(typeof wrong, equal, bytes.length, size, code, ends.join());
console.log(entries.map(({name}) => name).sort().join());
`;

/** The compiler of this checkout, and the newest of the major version before, if it is installed. */
const compilers = ['typescript', 'typescript-6'];

/** The libraries of types that programs use besides the types of Node: none, or those of browsers. */
const libraries = [
  ['es2024', 'esnext.disposable'],
  ['esnext', 'dom'],
];

test('installed, the library runs, and ends by itself', async t => {
  const {folder} = await installConsumer(t);
  const address = await serveFiles(t, folder);
  const env = {...process.env, JANGADA_STATE: path.join(folder, 'state')};
  const words = [path.join(folder, 'consumer.ts'), address, folder];
  const {stdout, stderr} = await run(process.execPath, words, {env, timeout: 60_000});
  const served = readdirSync(path.join(root, 'files')).sort().join();
  assert.deepEqual(stdout.trim().split('\n'), ['string true 5 78 not_found done', served]);
  assert.equal(stderr, '');
  const names = ['a', 'b', 'c'].map(name => readFileSync(path.join(folder, name), 'utf8'));
  const ondas = readFileSync(path.join(root, 'files/mar/ondas.txt'), 'utf8');
  assert.deepEqual(names, [ondas, ondas, ondas]);
});

test('installed, the types of the library need only those of Node', {
  timeout: 300_000,
}, async t => {
  const {folder, packed} = await installConsumer(t);
  const ours = path.join(root, 'node_modules');
  mkdirSync(path.join(folder, 'node_modules/@types'));
  symlinkSync(
    path.join(ours, '@types/node'),
    path.join(folder, 'node_modules/@types/node'),
    'junction',
  );
  for (const compiler of compilers) {
    const program = path.join(ours, compiler, 'bin/tsc');
    const skip = existsSync(program) ? false : `${compiler} is not installed`;
    for (const lib of libraries) {
      await t.test(`${compiler} with ${lib.join(', ')}`, {skip}, async () => {
        const compilerOptions = {
          ...{target: 'es2024', lib, module: 'nodenext', types: ['node'], noEmit: true},
          ...{strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false},
        };
        const settings = JSON.stringify({compilerOptions, files: ['consumer.ts']});
        writeFileSync(path.join(folder, 'tsconfig.json'), settings);
        const words = [program, '-p', folder, '--listFiles'];
        // The compiler prints its errors to standard output.
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
      });
    }
  }
});

/** Install the package into the folder of a program that uses it. */
async function installConsumer(t: TestContext): Promise<{folder: string; packed: string[]}> {
  const installed = await install(t);
  writeFileSync(path.join(installed.folder, 'package.json'), '{"type": "module"}');
  writeFileSync(path.join(installed.folder, 'consumer.ts'), consumer);
  return installed;
}

/** Pack a copy of this checkout with some stray files. `packed` are the files in the tarball. */
async function pack(t: TestContext): Promise<{tarball: string; packed: string[]}> {
  const folder = realpathSync(temporaryFolder(t));
  const checkout = path.join(folder, 'checkout');
  const files = [
    ...['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md'],
    ...['docs', 'examples', 'dist', 'source'],
  ];
  for (const name of files) {
    cpSync(path.join(root, name), path.join(checkout, name), {recursive: true});
  }

  for (const stray of ['.state/queue.db', 'dist/state/queue.db', 'dist/.build-1/index.js']) {
    mkdirSync(path.join(checkout, path.dirname(stray)), {recursive: true});
    writeFileSync(path.join(checkout, stray), '');
  }

  // `--ignore-scripts`, because the checkout is built already.
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

// On Windows npm and the programs are scripts.
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
