/** Runs the programs of docs/library.md as printed against `files/`. Each must end by itself. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {hash} from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {promisify} from 'node:util';
import {errorCodes} from '../protocol/errors.ts';
import {Queue} from '../source/index.ts';
import {until} from './fixtures/harness.ts';
import {serveExampleFiles} from './fixtures/serve-example-files.ts';

const root = path.join(import.meta.dirname, '..');
const files = path.join(root, 'files');
const page = readFileSync(path.join(root, 'docs/library.md'), 'utf8');
const run = promisify(execFile);

/** The programs of the page, by the name of the file in examples/ to which the page links. */
const programs = new Map(
  [
    ...page.matchAll(/^\[(\w+)\.ts\]\(\.\.\/examples\/\1\.ts\):?[^`]*?\n\n```ts\n(.*?)^```$/gms),
  ].map(([, name = '', code = '']) => [name, code]),
);

test('the page and examples/ have the same programs', () => {
  assert.equal(programs.size, [...page.matchAll(/^```ts$/gm)].length);
  const examples = readdirSync(path.join(root, 'examples'));
  assert.deepEqual(examples.sort(), [...programs.keys()].map(name => `${name}.ts`).sort());
  for (const [name, code] of programs) {
    assert.equal(code, readFileSync(path.join(root, 'examples', `${name}.ts`), 'utf8'), name);
  }
});

for (const compiler of ['typescript', 'typescript-6']) {
  const program = path.join(root, 'node_modules', compiler, 'bin/tsc');
  const skip = existsSync(program) ? false : `${compiler} is not installed`;
  test(`${compiler} compiles the programs of the page, and the one of the README, with the settings of the page`, {
    skip,
  }, async t => {
    const folder = packageFolder(t);
    const [, readme = ''] =
      /^```ts\n(.*?)^```$/ms.exec(readFileSync(path.join(root, 'README.md'), 'utf8')) ?? [];
    assert.match(readme, /await download\(/);
    writeFileSync(path.join(folder, 'readme.ts'), readme);
    // The compiler prints its errors to standard output.
    const {stdout} = await run(process.execPath, [program, '-p', folder]).catch(error => error);
    assert.equal(stdout, '');
    const compiled = readdirSync(folder).filter(name => name.endsWith('.js'));
    assert.deepEqual(
      compiled.sort(),
      [...programs.keys(), 'readme'].map(name => `${name}.js`).sort(),
    );
    assert.doesNotMatch(readFileSync(path.join(folder, 'keep.js'), 'utf8'), /await using/);
  });
}

test('download.ts saves one file, and says the next time that it is here', async t => {
  const {start, target, state} = await prepare(t, 'download');
  const file = path.join(target, 'barco.jpg');
  const bytes = readFileSync(path.join(files, 'fotos/2025/barco.jpg'));
  const {stdout, stderr} = await start();
  assert.match(
    stdout,
    new RegExp(`^${file}: fetched, ${bytes.length} bytes, root:\\w+:[0-9a-f]{64}\n$`),
  );
  assert.equal(stderr, '');
  assert.deepEqual(readFileSync(file), bytes);
  assert.equal((await start()).stdout, stdout.replace('fetched', 'here'));
  assert.deepEqual(readdirSync(path.join(state, 'locks')), [], 'it has closed what it had open');
});

test('progress.ts shows its progress, and continues after an interruption', async t => {
  const slow = await prepare(t, 'progress', ['--limit', '500k']);
  const child = slow.start();
  await until(() => sizeOf(path.join(slow.target, 'mar.bin.jangada-part')) >= 1_048_576);
  child.child.kill('SIGINT');
  const {code, stdout} = await child.then(
    () => assert.fail('It has ended by itself'),
    error => error,
  );
  assert.deepEqual([code, stdout], [130, 'Stopped. The next run resumes the download\n']);
  const {stdout: done, stderr} = await slow.start();
  const fetched = Number(/^Done: (\d+) bytes fetched\n$/.exec(done)?.[1]);
  assert.ok(fetched > 0 && fetched <= 5_300_000 - 1_048_576, `${fetched} bytes were fetched`);
  assert.match(stderr, /\rdone: 100 % $/);
  assert.deepEqual(
    readFileSync(path.join(slow.target, 'mar.bin')),
    readFileSync(path.join(files, 'mar/mar.bin')),
  );
});

test('range.ts reads the head of a file, and the rest of it as a stream', async t => {
  const {start, target} = await prepare(t, 'range');
  const sound = readFileSync(path.join(files, 'músicas/ondas.wav'));
  const {stdout, stderr} = await start();
  assert.deepEqual([stdout, stderr], [`${sound.readUInt32LE(24)} samples a second\n`, '']);
  assert.deepEqual(readFileSync(path.join(target, 'ondas.pcm')), sound.subarray(44));
});

test('masks.ts fetches the pictures, and prints a list of checksums', async t => {
  const {start, target} = await prepare(t, 'masks');
  const {stdout, stderr} = await start();
  const names = ['fotos/2024/pôr do sol.png', 'fotos/2025/barco.jpg', 'fotos/2025/boneco.jpg'];
  const lines = names.map(name => {
    const bytes = readFileSync(path.join(files, name));
    assert.deepEqual(readFileSync(path.join(target, name)), bytes);
    return `${hash('sha256', bytes)}  ${path.join(target, name)}`;
  });
  assert.deepEqual(stdout.trim().split('\n').sort(), lines.sort());
  assert.equal(stderr, '');
});

test('keep.ts continues after it was killed', async t => {
  const {start, target} = await prepare(t, 'keep', ['--limit', '500k']);
  const first = start();
  await until(() => sizeOf(path.join(target, 'mar/mar.bin.jangada-part')) >= 1_048_576);
  first.child.kill('SIGKILL');
  await assert.rejects(first);
  const {stdout} = await start();
  const count = readdirSync(path.join(files, 'conchas')).length + 2;
  assert.equal(stdout, `${count} of ${count} files downloaded, 0 failed\n`);
  const bytes = readFileSync(path.join(files, 'mar/mar.bin'));
  assert.deepEqual(readFileSync(path.join(target, 'mar/mar.bin')), bytes);
});

test('keep.ts searches again if it was killed during its search', async t => {
  const {address, start, target} = await prepare(t, 'keep');
  {
    // The search had found only this file when the program was killed.
    await using queue = new Queue({server: address, stateFolder: path.join(target, '.queue')});
    queue.add([{remotePath: 'mar/mar.bin', folder: target}]);
  }

  const {stdout} = await start();
  const count = readdirSync(path.join(files, 'conchas')).length + 2;
  assert.equal(stdout, `${count} of ${count} files downloaded, 0 failed\n`);
});

test('verify.ts says of each file whether the copy is equal', async t => {
  const {start, target} = await prepare(t, 'verify');
  mkdirSync(path.join(target, 'fotos/2025'), {recursive: true});
  copyFileSync(path.join(files, 'fotos/2025/barco.jpg'), path.join(target, 'fotos/2025/barco.jpg'));
  writeFileSync(path.join(target, 'fotos/2025/boneco.jpg'), 'another');
  const {stdout, stderr} = await start();
  const lines = stdout.trim().split('\n').sort();
  assert.equal(lines.length, 4);
  assert.match(lines[0] ?? '', /^fotos\/2024\/pôr do sol.png: .*it does not exist$/);
  assert.deepEqual(lines.slice(1, 3), [
    'fotos/2025/barco.jpg: equal',
    'fotos/2025/boneco.jpg: differs',
  ]);
  assert.equal(stderr, '');
});

test('the page has every error code, and no others', () => {
  const table = page.slice(page.indexOf('| code | meaning |'));
  const cells = [...table.matchAll(/^\| (`.*?`) \|/gm)].map(([, cell = '']) => cell);
  const codes = cells.flatMap(cell => cell.replaceAll('`', '').split(', '));
  assert.deepEqual(codes.sort(), [...errorCodes].sort());
});

/** Start a server for `files/`. @returns a function that starts one of the programs, which saves to `target`, and more. */
async function prepare(t: TestContext, name: string, options: readonly string[] = []) {
  const folder = packageFolder(t);
  const server = path.join(root, 'dist/jangada-server.js');
  const address = await serveExampleFiles(t, server, options);
  const target = path.join(folder, 'target');
  const state = path.join(folder, 'state');
  const env = {...process.env, JANGADA_STATE: state};
  const words = [path.join(folder, `${name}.ts`), address, target];
  return {
    address,
    target,
    state,
    start: () => run(process.execPath, words, {env, timeout: 60_000}),
  };
}

/** A folder with the programs and settings of the page, and a link to the package. Another test installs a real copy. */
function packageFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'jangada-example-'));
  t.after(() => rmSync(folder, {recursive: true}));
  const modules = path.join(folder, 'node_modules');
  mkdirSync(path.join(modules, '@types'), {recursive: true});
  symlinkSync(root, path.join(modules, 'jangada'), 'junction');
  symlinkSync(
    path.join(root, 'node_modules/@types/node'),
    path.join(modules, '@types/node'),
    'junction',
  );
  const [manifest = '', settings = ''] = [...page.matchAll(/^```json\n(.*?)^```$/gms)].map(
    ([, text = '']) => text,
  );
  writeFileSync(path.join(folder, 'package.json'), manifest);
  writeFileSync(path.join(folder, 'tsconfig.json'), settings);
  for (const [name, code] of programs) {
    writeFileSync(path.join(folder, `${name}.ts`), code);
  }

  return folder;
}

function sizeOf(file: string): number {
  return statSync(file, {throwIfNoEntry: false})?.size ?? 0;
}
