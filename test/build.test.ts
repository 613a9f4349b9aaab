import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {test} from 'node:test';
import {promisify} from 'node:util';
import {copyCheckout} from './fixtures/checkout.ts';
import {listedIn} from './fixtures/json-output.ts';
import {programParts} from './fixtures/program-parts.ts';
import {serveExampleFiles} from './fixtures/serve-example-files.ts';

const root = path.join(import.meta.dirname, '..');
const {version} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const dist = path.join(root, 'dist');
const readPart = (name: string) => readFileSync(path.join(dist, name), 'utf8');
const run = promisify(execFile);

const buildPrograms = `import('./scripts/build.ts').then(({build}) => build({types: false}));`;

for (const program of ['jangada.js', 'jangada-server.js']) {
  const skip = process.platform === 'win32' && 'files do not run by themselves on Windows';
  test(`dist/${program} runs by itself and knows its version`, {skip}, async () => {
    const {stdout, stderr} = await run(path.join(root, 'dist', program), ['--version']);
    assert.equal(stdout.trim(), version);
    assert.equal(stderr, '');
  });
}

test('the programs work from a path with spaces, without the source', async t => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'jangada moved '));
  t.after(() => rmSync(folder, {recursive: true}));
  for (const name of ['dist', 'package.json']) {
    cpSync(path.join(root, name), path.join(folder, name), {recursive: true});
  }

  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  const dist = path.join(folder, 'dist');
  const address = await serveExampleFiles(t, path.join(dist, 'jangada-server.js'));
  const jangada = (...args: string[]) =>
    run(process.execPath, [path.join(dist, 'jangada.js'), ...args, '-s', address]);
  const {stdout} = await jangada('list', '--json');
  const entries = listedIn(stdout) as Array<{name: string}>;
  assert.deepEqual(
    entries.map(({name}) => name).sort(),
    readdirSync(path.join(root, 'files')).sort(),
  );

  // These commands need the worker threads.
  const target = path.join(folder, 'to here');
  const list = path.join(folder, 'list');
  await jangada('mget', '{fotos,mar}/**', '--to', target, '--checksums', list);
  await jangada('verify', 'mar/mar.bin', '--to', target);
  await jangada('verify', '--checksums', list, 'mar/mar.bin', '--to', target);
  const {stdout: hashed} = await jangada('hash', 'mar/mar.bin');
  assert.match(hashed, /^[0-9a-f]{64} /);
});

test('a build keeps the files of the build before, but not in the package, and removes older ones', async t => {
  const checkout = copyCheckout(t);
  const inDist = (name: string) => path.join(checkout, 'dist', name);
  const build = () => run(process.execPath, ['-e', buildPrograms], {cwd: checkout});
  const has = (...names: string[]) => names.map(name => existsSync(inDist(name)));
  await build();
  writeFileSync(inDist('part-FIRST.js'), '');
  await build();
  assert.deepEqual(has('part-FIRST.js'), [true]);
  writeFileSync(inDist('part-SECOND.js'), '');
  await build();
  assert.deepEqual(has('part-FIRST.js', 'part-SECOND.js'), [false, true]);
  await build();
  assert.deepEqual(has('part-SECOND.js'), [true], 'nothing has changed');
  const {stdout} = await run('npm', ['pack', '--json', '--dry-run', '--ignore-scripts'], {
    cwd: checkout,
  });
  const packed: string[] = JSON.parse(stdout)[0].files.map((file: {path: string}) => file.path);
  assert.ok(packed.includes('dist/jangada.js'));
  const strays = packed.filter(name => /part-|npmignore/.test(name));
  assert.deepEqual(strays, []);
});

test('React in the program is the production one, and its developer tools are left out', () => {
  const program = programParts('jangada.js').map(readPart).join('\n');
  assert.ok(program.includes('react-reconciler.production'));
  assert.ok(!/react\.development|react-reconciler\.development/.test(program));
  assert.ok(!/from ["']react-devtools-core["']/.test(program));
});

test('the program starts without the code of the full screen, of connections and of transfers', () => {
  const [, cli = ''] = /import\("\.\/(cli-\w+\.js)"\)/.exec(readPart('jangada.js')) ?? [];
  const atOnce = ['jangada.js', cli].flatMap(part => programParts(part, {atOnce: true}));
  const first = [...new Set(atOnce)].map(readPart).join('\n');
  const all = programParts('jangada.js').map(readPart).join('\n');
  const packages = new Set(first.match(/(?<=^\/\/ node_modules\/)[^/]+/gm));
  assert.deepEqual([...packages].sort(), ['env-paths', 'is-safe-filename', 'meow']);
  const rooms = /^\/\/ source\/(?:tui|client|transfers\/(?!terms\/))/m;
  assert.ok(rooms.test(all) && !rooms.test(first));
});

test('packages make their tables when they need them, not when they are loaded', () => {
  const parts = programParts('jangada.js').map(readPart);
  const sections = parts.flatMap(code => code.split(/^\/\/ (?=(?:node_modules|source)\/)/m));
  // The code of one file can be in several places of a bundle.
  const sectionOf = (file: string) => sections.filter(at => at.startsWith(file)).join('');
  const makers = sections.filter(at => at.startsWith('node_modules/') && at.includes('new Intl.'));
  assert.deepEqual(makers, []);
  const width = sectionOf('node_modules/string-width/index.js');
  assert.deepEqual(width.match(/\S+ \S*RGI_Emoji/g), ['??= /^\\p{RGI_Emoji']);
  const exit = sectionOf('node_modules/signal-exit/index.js');
  assert.ok(exit !== '' && !exit.includes('require("assert")'));
  const yoga = sectionOf('node_modules/yoga-layout/dist/binaries/yoga-wasm-base64-esm.js');
  assert.match(yoga, /function ya\(\) \{\s+return Promise\.resolve\(\)/);
});

test('no module of Node is imported as a whole, so only what is used of it is loaded', () => {
  for (const name of ['jangada-server.js', 'index.js', ...programParts('jangada.js')]) {
    const whole = /^import\b.*["'](?:node:)?[a-z_/]+["']/gm;
    assert.deepEqual(readPart(name).match(whole), null, name);
  }
});

test('the bundles have only the parser of meow, without the code that reads a package.json', () => {
  const all = programParts('jangada.js').map(readPart).join('\n');
  assert.ok(all.includes('// node_modules/meow/build/dependencies.js'));
  assert.deepEqual(all.match(/function requireNormalize\b|\b(?:spdx|codeFrame|hosted)\w*/gi), null);
});

test('the bundles have the messages of zod only in English', () => {
  for (const name of readdirSync(path.join(root, 'dist')).filter(file => file.endsWith('.js'))) {
    const program = readFileSync(path.join(root, 'dist', name), 'utf8');
    const languages = program.match(/^\/\/ node_modules\/zod\/v4\/locales\/.*$/gm) ?? [];
    assert.deepEqual(
      languages.filter(line => !/\/(?:en|index)\.js$/.test(line)),
      [],
      `${name} is slower to start: import zod as a namespace`,
    );
  }
});

test('the licences beside the bundles are those of the packages in the bundles, and no others', () => {
  const notices = readFileSync(path.join(root, 'dist/THIRD-PARTY.txt'), 'utf8');
  const named: string[] = notices.match(/^\S+(?= \d\S* \((?:MIT|ISC)\b)/gm) ?? [];
  for (const name of ['ink', 'react', 'zod', 'pino', 'fast-glob', '@nodelib/fs.walk']) {
    assert.ok(named.includes(name), `${name} is missing`);
  }

  for (const name of ['typescript', 'esbuild', '@types/node', '@napi-rs/blake-hash']) {
    assert.ok(!named.includes(name), `${name} is not bundled`);
  }

  assert.match(notices, /^Permission is hereby granted, free of charge/m);
});
