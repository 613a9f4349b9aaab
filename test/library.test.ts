import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {promisify} from 'node:util';
import {serveExampleFiles} from './fixtures/serve-example-files.ts';

const root = path.join(import.meta.dirname, '..');
const run = promisify(execFile);

test('the example of docs/library.md downloads and verifies', async t => {
  const program = exampleOf(t);
  const address = await serveExampleFiles(t, path.join(root, 'dist/jangada-server.js'));
  const target = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'jangada-example-'));
  t.after(() => rmSync(target, {recursive: true}));

  const {stdout, stderr} = await run(process.execPath, [program, address, target]);
  assert.deepEqual(stdout.trim().split('\n').sort(), [
    '"fotos/2024/pôr do sol.png": equal, blocks: 1',
    '"fotos/2025/barco.jpg": equal, blocks: 1',
    '"fotos/2025/boneco.jpg": equal, blocks: 1',
  ]);
  assert.equal(stderr, '');

  assert.deepEqual(readdirSync(path.join(target, 'fotos/2025')).sort(), [
    'barco.jpg',
    'boneco.jpg',
  ]);
  assert.deepEqual(
    readFileSync(path.join(target, 'fotos/2025/barco.jpg')),
    readFileSync(path.join(root, 'files/fotos/2025/barco.jpg')),
  );
});

test('the example of docs/library.md has the right types', async t => {
  const program = exampleOf(t);
  const settings = path.join(path.dirname(program), 'tsconfig.json');
  writeFileSync(
    settings,
    JSON.stringify({
      extends: path.join(root, 'tsconfig.json'),
      compilerOptions: {rootDir: path.dirname(program), skipLibCheck: false},
      include: [],
      files: [program],
    }),
  );
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
  // The compiler complains on standard output.
  const {stdout} = await run(process.execPath, [compiler, '-p', settings]).catch(error => error);
  assert.equal(stdout, '');
});

/**
 * The program, in a folder that is the package as far as imports go. The folder is not in the built one:
 * another test copies that at any time.
 */
function exampleOf(t: TestContext): string {
  const page = readFileSync(path.join(root, 'docs/library.md'), 'utf8');
  const code = /^```ts\n(.*?)^```$/ms.exec(page)?.[1];
  assert.ok(code !== undefined, 'the page has an example');
  const folder = mkdtempSync(path.join(realpathSync(os.tmpdir()), 'jangada-example-'));
  t.after(() => rmSync(folder, {recursive: true}));
  copyFileSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
  for (const name of ['dist', 'node_modules']) {
    symlinkSync(path.join(root, name), path.join(folder, name), 'junction');
  }

  const program = path.join(folder, 'example.ts');
  writeFileSync(program, code);
  return program;
}
