import assert from 'node:assert/strict';
import {existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {blockSize} from '../../../protocol/block.ts';
import {noise, startHarness, temporaryFolder, treeOf, until} from '../../fixtures/harness.ts';
import {startMetered} from '../../fixtures/metered.ts';
import {runHere, start} from './run.ts';

const content = noise(2_500_000);

test('cget --from continues a file that another tool has left', async t => {
  const {serve, address, target, meter} = await startMetered(t);
  serve('folder/a', content);
  const local = path.join(temporaryFolder(t), 'a.crdownload');
  writeFileSync(local, content.subarray(0, 1_500_000));
  const ran = await runHere(['cget', 'folder/a', '--from', local, '-o', target, '-s', address]);
  assert.deepEqual(ran, {
    status: 0,
    stdout: 'folder/a  2.5 MB  verified (1.05 MB reused)\n',
    stderr: '',
  });
  assert.deepEqual([...(meter.take().whole.get('folder/a')?.keys() ?? [])].sort(), [1, 2]);
  assert.deepEqual(treeOf(target), new Map([['a', content]]));
  assert.equal(existsSync(local), false);
});

test('cget --from changes nothing if the server lacks the file, or the local file is missing', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', content);
  const local = path.join(temporaryFolder(t), 'left');
  writeFileSync(local, content);
  const get = (name: string, from: string) =>
    runHere(['cget', name, '--from', from, '-o', target, '-s', server.address]);
  const gone = await get('gone', local);
  assert.equal(gone.status, 1);
  assert.match(gone.stderr, /^jangada: The server has no file or folder 'gone'/);
  assert.ok(readFileSync(local).equals(content));
  const missing = await get('a', `${local}er`);
  assert.equal(missing.status, 1);
  assert.equal(missing.stderr, `jangada: a: ${local}er does not exist\n`);
  assert.equal(existsSync(path.join(target, 'a')), false);
});

test('--seed copies the matching blocks of the old file, and reports how many bytes', async t => {
  const {serve, address, target, meter} = await startMetered(t);
  serve('a', content);
  mkdirSync(target);
  const old = path.join(target, 'a');
  // The old file has everything one block later.
  writeFileSync(old, Buffer.concat([noise(blockSize, 8), content.subarray(0, 2 * blockSize)]));
  const words = ['sget', 'a', '--seed', old, '-o', target, '-s', address];
  const asked = await runHere(words);
  assert.equal(asked.status, 1);
  assert.match(asked.stderr, /No file was changed/);
  assert.deepEqual(await runHere([...words, '--on-conflict', 'overwrite']), {
    status: 0,
    stdout: 'a  2.5 MB  verified (2.1 MB copied from the seed)\n',
    stderr: '',
  });
  assert.deepEqual([...(meter.take().whole.get('a')?.keys() ?? [])], [2]);
  assert.deepEqual(treeOf(target), new Map([['a', content]]));
});

test('reused and copied bytes have separate counts, also in JSON', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', content);
  mkdirSync(target);
  const seed = path.join(temporaryFolder(t), 'seed');
  writeFileSync(seed, content);
  const partial = path.join(target, 'a.jangada-part');
  const words = ['cget', 'a', '--seed', seed, '-o', target, '-s', server.address];
  writeFileSync(partial, content.subarray(0, blockSize));
  assert.equal(
    (await runHere(words)).stdout,
    'a  2.5 MB  verified (1.05 MB reused, 1.45 MB copied from the seed)\n',
  );
  const other = path.join(target, 'b');
  const {stdout} = await runHere([
    ...['cget', 'a', '--json', '--seed', seed, '-o', other, '-s', server.address],
  ]);
  const done = stdout
    .split('\n')
    .flatMap(line => (line.includes('"done"') ? JSON.parse(line) : []));
  assert.deepEqual(done, [
    {
      event: 'done',
      path: 'a',
      target: path.join(other, 'a'),
      size: 2_500_000,
      reusedBytes: 2_500_000,
      copiedBytes: 2_500_000,
    },
  ]);
});

test('a small file with a seed is copied from it', async t => {
  const {serve, address, target, meter} = await startMetered(t);
  serve('a', 'small');
  const seed = path.join(temporaryFolder(t), 'seed');
  writeFileSync(seed, 'small');
  const ran = await runHere(['sget', 'a', '--seed', seed, '-o', target, '-s', address]);
  assert.equal(ran.stdout, 'a  5 B  verified (5 B copied from the seed)\n', ran.stderr);
  assert.equal(meter.blockBytes, 0);
});

test('a bad seed is an error before anything is fetched', async t => {
  const {serve, address, target, meter} = await startMetered(t);
  serve('a', content);
  const seed = temporaryFolder(t);
  for (const [name, why] of [
    [seed, 'is not a file'],
    [path.join(seed, 'gone'), 'it does not exist'],
  ] as const) {
    const ran = await runHere(['cget', 'a', '--seed', name, '-o', target, '-s', address]);
    assert.equal(ran.status, 1);
    assert.ok(ran.stderr.startsWith(`jangada: a: ${name}`), ran.stderr);
    assert.ok(ran.stderr.endsWith(`${why}\n`), ran.stderr);
    assert.deepEqual(treeOf(target), new Map());
    assert.equal(meter.blockBytes, 0);
  }
});

for (const [what, isSeed] of [
  ['--from', false],
  ['--seed', true],
] as const) {
  test(`interrupted, it says how to continue, without a ${what} that has become the partial file`, async t => {
    const {serve, server, target} = await startHarness(t, {server: {limit: 1_000_000}});
    const long = noise(8_000_000);
    serve('a', long);
    const folder = temporaryFolder(t);
    mkdirSync(target);
    const local = path.join(isSeed ? target : folder, isSeed ? 'a' : 'left');
    const other = path.join(folder, 'seed');
    writeFileSync(local, long.subarray(0, blockSize));
    writeFileSync(other, long.subarray(blockSize, 2 * blockSize));
    const reused = isSeed ? ['--seed', local] : ['--from', local, '--seed', other];
    const partial = path.join(target, 'a.jangada-part');
    const {child, ended} = start(['cget', 'a', ...reused, '-o', target], {
      JANGADA_SERVER: server.address,
    });
    await until(() => existsSync(partial) && statSync(partial).size >= 3 * blockSize);
    child.kill('SIGINT');
    const {status, stderr} = await ended;
    assert.equal(status, 130);
    const still = isSeed ? [] : ['--seed', other];
    const command = ['jangada cget --to', target, ...still, 'a'].join(' ');
    assert.ok(stderr.endsWith(`to go on: ${command}\n`), stderr);
    assert.deepEqual(readdirSync(target), ['a.jangada-part']);
    const again = await runHere(['cget', '--to', target, ...still, 'a', '-s', server.address]);
    assert.match(again.stdout, /^a {2}8 MB {2}verified \(\S+ MB reused\)\n$/);
    assert.ok(readFileSync(path.join(target, 'a')).equals(long));
  });
}
