/**
 * Two machines: two network namespaces with an address each and a wire between them. The commands for every day in
 * README.md are typed on them as printed.
 */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {indentedLines} from '../docs/lines/page.ts';
import {treeOf, until} from '../fixtures/harness.ts';
import {MiB} from './journey.ts';
import {cannotConnect, ip, type Machine, machineIn, must} from './machine.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const [serverAddress, clientAddress] = ['192.0.2.7', '192.0.2.8'];

const sample = new URL('../../files', import.meta.url).pathname;
const files = treeOf(sample);
const boat = contentOf('fotos/2025/barco.jpg');
const sea = contentOf('mar/mar.bin');

/** Lines of the README for the client that need files before, or that have an effect to check afterwards. */
const clientLines: Record<
  string,
  {before?: (folder: string) => void; after?: (folder: string) => void}
> = {
  'jangada sget fotos/2025/barco.jpg': {
    after: folder => assert.deepEqual(readFileSync(join(folder, 'barco.jpg')), boat),
  },
  'jangada cget mar/mar.bin': {
    before: folder => writeFileSync(join(folder, 'mar.bin.jangada-part'), sea.subarray(0, 3 * MiB)),
    after: hasSea,
  },
  'jangada cget mar/mar.bin --from ~/mar.bin.part': {
    before: folder => rmSync(join(folder, 'mar.bin')),
    after: hasSea,
  },
  'jangada sget mar/mar.bin --seed mar-2024.bin': {
    before: folder => rmSync(join(folder, 'mar.bin')),
    after: hasSea,
  },
  'jangada verify mar/mar.bin --repair': {
    before: folder => write(join(folder, 'mar/mar.bin'), Buffer.from(sea).fill(0, 9, 99)),
    after: folder => assert.deepEqual(readFileSync(join(folder, 'mar/mar.bin')), sea),
  },
  "jangada mget '**' --checksums SHA256SUMS": {
    before: folder => rmSync(join(folder, 'mar'), {recursive: true}),
  },
};

function contentOf(name: string): Buffer {
  const content = files.get(name);
  assert.ok(content !== undefined, name);
  return content;
}

function hasSea(folder: string): void {
  assert.deepEqual(readFileSync(join(folder, 'mar.bin')), sea);
}

test('two machines share files with the lines of the README as printed', {
  skip: cannotConnect(),
}, async t => {
  const [one, other] = twoMachines(t);
  const [serverLine = '', pastedLine = '', againLine = '', listLine = '', ...others] = everyDay();
  const completionLines = others.filter(line => line.includes('completion'));
  const rest = others.filter(line => !line.includes('completion'));
  assert.match(serverLine, /^jangada-server ~\/public --host 192\.0\.2\.7$/);
  cpSync(sample, join(one.home, 'public'), {recursive: true});

  // Only this first start prints the address and the key.
  const server = one.run(serverLine);
  await until(() => server.stdout.includes('\n') || server.status !== undefined);
  const address = server.stdout.trim();
  assert.match(
    address,
    /^jangadas:\/\/[\w-]{43}@192\.0\.2\.7:1234#sha256:[0-9a-f]{64}$/,
    server.stderr,
  );
  const [state = ''] = spawnSync('find', [one.home, '-name', 'server-tokens'], {encoding: 'utf8'})
    .stdout.trim()
    .split('\n');
  assert.equal(statSync(state).mode & 0o777, 0o600);

  assert.match(pastedLine, /^jangada 'jangadas:\/\/TOKEN@192\.0\.2\.7:1234#…'$/);
  for (const line of [`jangada '${address}'`, againLine]) {
    const screen = other.screen(line);
    await screen.waitFor(/fotos\/[\s\S]*mar\//);
    screen.type('q');
    assert.equal((await screen.ended()).status, 0, line);
  }

  const choice = other.screen(listLine);
  await choice.waitFor(/192\.0\.2\.7:1234/);
  choice.type('q');
  assert.equal((await choice.ended()).status, 0);

  assert.equal(completionLines.length, 3);
  const loaded = '. ~/.bashrc && complete -p jangada && complete -p jangada-server';
  for (const line of [...completionLines, loaded]) {
    const run = other.run(line);
    await until(() => run.status !== undefined);
    assert.equal(run.status, 0, `${line}\n${run.stdout}\n${run.stderr}`);
  }

  const setting = rest.shift() ?? '';
  assert.equal(setting, 'export JANGADA_SERVER=jangadas://192.0.2.7:1234');
  write(join(other.home, 'mar.bin.part'), sea.subarray(0, 2 * MiB));
  write(join(other.work, 'mar-2024.bin'), sea.subarray(0, 4 * MiB));
  for (const line of rest) {
    const {before, after} = clientLines[line] ?? {};
    before?.(other.work);
    const run = other.run(`${setting}\n${line}`);
    await until(() => run.status !== undefined);
    assert.equal(run.status, 0, `${line}\n${run.stdout}\n${run.stderr}`);
    after?.(other.work);
  }

  const photos = [...files].filter(([name]) => /^(?!.*rascunhos).*\.jpg$/.test(name));
  assert.deepEqual(treeOf(join(other.home, 'fotos')), new Map(photos));
  const documents = [...files].filter(([name]) => name.startsWith('documentos/'));
  assert.deepEqual(treeOf(join(other.home, 'docs')), new Map(documents));
  const saved = treeOf(other.work);
  for (const [name, content] of files) {
    assert.deepEqual(saved.get(name), content, name);
  }
});

/** The lines to type of the section "Every day", without the remarks beside them. */
function everyDay(): string[] {
  const [, section = ''] = /\n## Every day\n([\s\S]*?)\n## /.exec(readme) ?? [];
  return (
    indentedLines(section)
      .map(line => line.replace(/ {2,}.*$/, ''))
      // The tests of ssh have their own server.
      .filter(line => !line.includes('ssh://'))
  );
}

function twoMachines(t: TestContext): [Machine, Machine] {
  const names = [`jangada-${process.pid}-one`, `jangada-${process.pid}-two`] as const;
  t.after(() => {
    for (const name of names) {
      ip('netns', 'delete', name);
    }
  });
  const [one, other] = names;
  must('netns', 'add', one);
  must('netns', 'add', other);
  must('-n', one, 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'wire', 'netns', other);
  for (const [name, address] of [
    [one, serverAddress],
    [other, clientAddress],
  ] as const) {
    must('-n', name, 'address', 'add', `${address}/24`, 'dev', 'wire');
    must('-n', name, 'link', 'set', 'wire', 'up');
    must('-n', name, 'link', 'set', 'lo', 'up');
  }

  return [machineIn(t, one), machineIn(t, other)];
}

function write(file: string, content: Uint8Array): void {
  mkdirSync(dirname(file), {recursive: true});
  writeFileSync(file, content);
}
