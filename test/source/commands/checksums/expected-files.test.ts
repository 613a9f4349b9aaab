import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {noise, startHarness, temporaryFolder, treeOf} from '../../../fixtures/harness.ts';
import {runHere} from '../run.ts';

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

const files: ReadonlyArray<[string, Buffer]> = [
  ['large.bin', noise(2 * blockSize + 10)],
  ['small', noise(5)],
  ['empty', Buffer.alloc(0)],
  ['in/a folder/[x].txt', noise(100, 3)],
];

/** A list on disk, and the words of a command that fetches the files in it. */
function listed(t: Parameters<typeof temporaryFolder>[0], text: string) {
  const folder = temporaryFolder(t);
  const list = path.join(folder, 'SHA256SUMS');
  writeFileSync(list, text);
  const target = path.join(folder, 'to');
  return {list, target, words: ['mget', '--checksums-from', list, '-o', target]};
}

test('the files of a list are fetched, in each form of list, and keep their folders', async t => {
  const {serve, server} = await startHarness(t);
  for (const [name, bytes] of [...files, ['not named', Buffer.from('x')] as const]) {
    serve(name, bytes);
  }

  const [large, small, empty, deep] = files.map(([, bytes]) => sha256(bytes));
  const {target, words} = listed(
    t,
    `# a comment\n${large}  ./large.bin\n${small} *small\r\nSHA256 (empty) = ${empty}\n` +
      `${deep?.toUpperCase()}  /in/a folder/[x].txt\n\n${small}  small\n`,
  );
  const ran = await runHere([...words, '-s', server.address]);
  assert.equal(ran.status, 0, ran.stderr);
  assert.match(ran.stdout, /^4 files, 2\.1 MB verified/m);
  assert.deepEqual(new Map([...treeOf(target)].sort()), new Map([...files].sort()));
});

test('names are below the folder of the address', async t => {
  const {serve, server} = await startHarness(t);
  serve('deep/er/a', 'abc');
  const {target, words} = listed(t, `${sha256('abc')}  er/a\n`);
  const ran = await runHere([...words, '-s', `${server.address}/deep`]);
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual([...treeOf(target).keys()], ['er/a']);
});

test('a file with another content gets no final name, and the others arrive', async t => {
  const {serve, server} = await startHarness(t);
  for (const [name, bytes] of files) {
    serve(name, bytes);
  }

  for (const wrong of files.map(([name]) => name)) {
    const text = files.map(
      ([name, bytes]) => `${name === wrong ? sha256('something else') : sha256(bytes)}  ${name}\n`,
    );
    const {target, words} = listed(t, text.join(''));
    const ran = await runHere([...words, '-s', server.address, '--json']);
    assert.equal(ran.status, 5);
    const events = ran.stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    const failed = events.filter(({event}) => event === 'failed');
    assert.deepEqual(
      failed.map(({path, code}) => [path, code]),
      [[wrong, 'unexpected']],
    );
    const {outcome, code, files: done} = events.at(-1);
    assert.deepEqual({outcome, code, done}, {outcome: 'difference', code: 'unexpected', done: 3});
    const others = files.filter(([name]) => name !== wrong);
    const here = [...treeOf(target)].filter(([name]) => !name.endsWith('.jangada-part'));
    assert.deepEqual(new Map(here.sort()), new Map([...others].sort()));
  }
});

test('a missing file, a folder and an invalid path are reported, and the others arrive', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', 'abc');
  serve('folder/b', 'b');
  const right = sha256('abc');
  const {list, target, words} = listed(
    t,
    `${right}  a\n${right}  gone\n${right}  folder\n${right}  ../up\n` +
      `${right}  folder/b\n${sha256('b')}  folder/b\n${right}  x.jangada-part\nnot a line\n`,
  );
  const ran = await runHere([...words, '-s', server.address]);
  assert.equal(ran.status, 1);
  assert.deepEqual([...treeOf(target).keys()], ['a']);
  for (const line of [
    /^jangada: gone: The server has no file or folder 'gone'$/m,
    /^jangada: folder: It is not a file on the server$/m,
    /^jangada: \.\.\/up: it is not a path under the served folder$/m,
    /^jangada: folder\/b: the list has two different digests for it$/m,
    /^jangada: x\.jangada-part: it has the name of a partial$/m,
  ]) {
    assert.match(ran.stderr, line);
  }

  assert.ok(ran.stderr.includes(`jangada: ${list}:8: it is not a line of SHA-256 checksums\n`));
  assert.match(ran.stdout, /1 file, .*; 6 failed$/m);
});

test('existing files with the expected content are not fetched again', async t => {
  const {serve, server} = await startHarness(t);
  for (const [name, bytes] of files) {
    serve(name, bytes);
  }

  const {target, words} = listed(
    t,
    files.map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`).join(''),
  );
  const all = [...words, '-s', server.address];
  assert.equal((await runHere(all)).status, 0);
  writeFileSync(path.join(target, 'small'), 'damage');
  const ran = await runHere([...all, '--on-conflict', 'resume', '--json']);
  assert.equal(ran.status, 0, ran.stderr);
  const {bytes, reusedBytes} = JSON.parse(ran.stdout.trimEnd().split('\n').at(-1) ?? '');
  assert.equal(bytes - reusedBytes, 5);
  assert.deepEqual(new Map([...treeOf(target)].sort()), new Map([...files].sort()));
});

test('an existing file with the expected content stays, even if the server has another one', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', 'theirs');
  serve('b', 'theirs');
  const {target, words} = listed(t, `${sha256('my own')}  a\n${sha256('my own')}  b\n`);
  mkdirSync(target);
  writeFileSync(path.join(target, 'a'), 'my own');
  writeFileSync(path.join(target, 'b'), 'theirs');
  const ran = await runHere([...words, '-s', server.address, '--on-conflict', 'resume']);
  assert.equal(ran.status, 5);
  assert.match(ran.stdout, /^a {2}6 B {2}verified \(6 B reused\)$/m);
  assert.match(ran.stderr, /^jangada: b: .* was expected/);
  assert.deepEqual(treeOf(target).get('a')?.toString(), 'my own');
});

test('a text that is not a list fetches nothing', async t => {
  const {server} = await startHarness(t);
  const {list, words} = listed(t, 'nothing\nof a list\n');
  const none = await runHere([...words, '-s', server.address]);
  assert.equal(none.status, 1);
  assert.match(none.stderr, /SHA256SUMS is not a list of SHA-256 checksums/);
  for (const [more, status] of [
    [['mget', '**', '--checksums-from', list], 2],
    [['mget', '--dirs', '--checksums-from', list], 2],
    [['mget', '--checksums-from', `${list}.gone`], 1],
  ] as const) {
    assert.equal((await runHere([...more, '-s', server.address])).status, status);
  }

  await assert.rejects(runHere(['mget', '--checksums-from', '-']), {code: 'usage'});
});
