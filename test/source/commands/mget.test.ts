import assert from 'node:assert/strict';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {formatAddress} from '../../../protocol/address.ts';
import {encodeFrame, frameKinds} from '../../../protocol/frame.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {parseArguments} from '../../../source/commands/arguments/parse.ts';
import {startHarness, temporaryFolder, until} from '../../fixtures/harness.ts';
import {startHostileServer} from '../../fixtures/server/hostile-server.ts';
import {Captured, runHere, typed} from './run.ts';

const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

import {treeOf} from './tree-of.ts';

async function startTree(t: TestContext) {
  const harness = await startHarness(t);
  const {root, serve, server, target} = harness;
  serve('a/b.jpg', 'picture');
  serve('c.txt', 'text');
  for (const name of ['a/empty/deep', 'none', 'drafts/d', 'odd.jpg']) {
    mkdirSync(path.join(root, name), {recursive: true});
  }

  return {
    ...harness,
    mget: (...words: string[]) =>
      runHere(['mget', ...words, '-o', target, '-s', server.address], {}),
  };
}

test('mget --dirs makes the folders that the masks match, also empty ones', async t => {
  const {mget, root, target} = await startTree(t);
  const ran = await mget('**', '--dirs');
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(ran.stderr, '');
  assert.deepEqual(treeOf(target), treeOf(root));
  const lines = ran.stdout.trimEnd().split('\n');
  assert.match(lines.pop() ?? '', /^2 files, 11 B verified in [^;]*; 7 folders made$/);
  assert.deepEqual(lines.sort(), [
    'a  folder made',
    'a/b.jpg  7 B  verified',
    'a/empty  folder made',
    'a/empty/deep  folder made',
    'c.txt  4 B  verified',
    'drafts  folder made',
    'drafts/d  folder made',
    'none  folder made',
    'odd.jpg  folder made',
  ]);

  // Again, after one folder was removed.
  rmSync(path.join(target, 'none'), {recursive: true});
  const again = await mget('**', '--dirs', '--on-conflict', 'skip');
  assert.equal(again.status, 0);
  assert.match(again.stdout, /^none {2}folder made$/m);
  assert.match(again.stdout, /0 files, .*; 1 folder made, 2 skipped\n$/);
  assert.deepEqual(treeOf(target), treeOf(root));
});

test('without --dirs only folders of files are made', async t => {
  const {mget, target} = await startTree(t);
  const ran = await mget('**');
  assert.equal(ran.status, 0);
  assert.doesNotMatch(ran.stdout, /folder/);
  assert.deepEqual(treeOf(target), ['a/', 'a/b.jpg', 'c.txt']);
});

for (const [masks, expected] of [
  [['**/'], ['a/', 'a/empty/', 'a/empty/deep/', 'drafts/', 'drafts/d/', 'none/', 'odd.jpg/']],
  [['**/*.jpg'], ['a/', 'a/b.jpg', 'odd.jpg/']],
  [['a/empty/**'], ['a/', 'a/empty/', 'a/empty/deep/']],
  [
    ['**', '!drafts/**', '!*.jpg', '!a'],
    ['c.txt', 'none/'],
  ],
] as const) {
  test(`mget ${masks.join(' ')} --dirs makes the matching folders`, async t => {
    const {mget, target} = await startTree(t);
    const ran = await mget(...masks, '--dirs');
    assert.equal(ran.status, 0, ran.stderr);
    assert.deepEqual(treeOf(target), expected);
  });
}

test('the path of a folder is below the folder of the address', async t => {
  const {server, target} = await startTree(t);
  const ran = await runHere(['mget', '**', '--dirs', '-o', target, '-s', `${server.address}/a`]);
  assert.equal(ran.status, 0);
  assert.match(ran.stdout, /^a\/empty\/deep {2}folder made$/m);
  assert.deepEqual(treeOf(target), ['b.jpg', 'empty/', 'empty/deep/']);
});

test('folders without files are a success, also if they exist already', async t => {
  const {root, server, target} = await startHarness(t);
  const words = ['mget', '**', '-o', target, '-s', server.address];
  mkdirSync(path.join(root, 'x/y'), {recursive: true});
  const without = await runHere(words);
  assert.equal(without.status, 1);
  assert.match(without.stderr, /Nothing matches '\*\*'\. A mask matches files/);
  for (const made of ['2 folders', '0 folders']) {
    const ran = await runHere([...words, '--dirs']);
    assert.deepEqual([ran.status, ran.stderr], [0, '']);
    assert.match(ran.stdout, new RegExp(`0 files, 0 B verified in [^;]*; ${made} made\n$`));
    assert.deepEqual(treeOf(target), ['x/', 'x/y/']);
  }

  const none = await runHere(['mget', 'z*', '--dirs', '-o', target, '-s', server.address]);
  assert.deepEqual(none, {status: 1, stdout: '', stderr: "jangada: Nothing matches 'z*'.\n"});
});

test('the JSON events of mget --dirs have the documented fields', async t => {
  const {mget, root, target} = await startTree(t);
  rmSync(path.join(root, 'a'), {recursive: true});
  rmSync(path.join(root, 'drafts'), {recursive: true});
  rmSync(path.join(root, 'c.txt'));
  mkdirSync(path.join(target, 'odd.jpg'), {recursive: true});
  const ran = await mget('**', '--dirs', '--json');
  assert.equal(ran.status, 0);
  const [folder, {elapsedMs, ...end}, ...more] = ran.stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.deepEqual(folder, {event: 'folder', path: 'none', target: path.join(target, 'none')});
  assert.equal(typeof elapsedMs, 'number');
  assert.deepEqual(end, {
    event: 'end',
    outcome: 'success',
    code: null,
    status: 0,
    files: 0,
    folders: 1,
    bytes: 0,
    reusedBytes: 0,
    copiedBytes: 0,
    failed: 0,
    skipped: 0,
    interrupted: false,
  });
  assert.deepEqual(more, []);
});

test('folders that cannot be made are reported, and the rest continues', async t => {
  const {mget, target} = await startTree(t);
  const outside = temporaryFolder(t);
  mkdirSync(target);
  writeFileSync(path.join(target, 'none'), 'a file of mine');
  symlinkSync(outside, path.join(target, 'drafts'));
  symlinkSync('c.txt', path.join(target, 'odd.jpg'));
  const ran = await mget('**', '--dirs', '--on-conflict', 'overwrite', '--json');
  assert.equal(ran.status, 1);
  const told = ran.stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  const failed = told.filter(({event}) => event === 'failed');
  assert.deepEqual(failed.map(({path, code}) => [path, code]).sort(), [
    ['drafts', 'unsafe_target'],
    ['drafts/d', 'unsafe_target'],
    ['none', 'unsafe_target'],
    ['odd.jpg', 'unsafe_target'],
  ]);
  assert.equal(ran.stderr.trimEnd().split('\n').length, 4);
  for (const name of ['drafts', 'drafts/d', 'none', 'odd.jpg']) {
    assert.match(ran.stderr, new RegExp(`^jangada: ${name}: ${target}/.*`, 'm'));
  }

  const {files, folders, failed: count} = told.at(-1);
  assert.deepEqual({files, folders, count}, {files: 2, folders: 3, count: 4});
  assert.deepEqual(readdirSync(outside), []);
  assert.equal(readFileSync(path.join(target, 'none'), 'utf8'), 'a file of mine');
  assert.ok(lstatSync(path.join(target, 'drafts')).isSymbolicLink());
  assert.equal(readFileSync(path.join(target, 'a/b.jpg'), 'utf8'), 'picture');
  assert.ok(lstatSync(path.join(target, 'a/empty/deep')).isDirectory());
});

test('no folder is made before it is clear that no question is needed', async t => {
  const {mget, target} = await startTree(t);
  mkdirSync(target);
  writeFileSync(path.join(target, 'c.txt'), 'mine');
  const ran = await mget('**', '--dirs');
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /c\.txt exists\. No file was changed/);
  assert.deepEqual(treeOf(target), ['c.txt']);
});

test('--dirs is an option of mget only', () => {
  for (const words of [
    ['sget', 'a', '--dirs'],
    ['queue', 'add', '**', '--dirs'],
  ]) {
    assert.throws(() => parseArguments(words, {}), /--dirs belongs to mget/);
  }
});

test('files are fetched while the search still runs', {timeout: 90_000}, async t => {
  const stderr = new Captured(80);
  let searching: {end(): void} | undefined;
  let fetched = 0;
  const entryOf = (name: string) => ({name, type: 'file', size: 0, mtimeMs: 0});
  const address = await startHostileServer(t, (socket, {kind}) => {
    if (kind === frameKinds.find) {
      const entries = Array.from({length: 500}, (_, index) => entryOf(`tree/${index}`));
      socket.write(encodeFrame(frameKinds.entries, JSON.stringify({entries})));
      searching = {
        end() {
          const more = {entries: [entryOf('last')]};
          socket.write(encodeFrame(frameKinds.entries, JSON.stringify(more)));
          socket.write(encodeAnswer('end', {count: 501, bytes: 0}));
        },
      };
      return;
    }

    if (kind === frameKinds.get) {
      socket.write(encodeAnswer('file', {size: 0, mtimeMs: 0, version: 'v'}));
      fetched++;
    }

    socket.write(encodeAnswer('end', {size: 0, version: 'v', root: emptyHash}));
    if (fetched === 500) {
      // The search ends when all files that it has named so far have been fetched, and the line that counts them was shown.
      void until(() => / of 500 files so far/.test(stderr.text)).then(() => searching?.end());
    }
  });
  const target = path.join(temporaryFolder(t), 'to');
  const words = ['mget', '**', '-o', target, '-s', formatAddress(address)];
  const ran = await runHere(words, {stderr});
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(readdirSync(path.join(target, 'tree')).length, 500);
  assert.match(ran.stdout, /501 files, .*\n$/);
  assert.match(ran.stderr, /counting: \d+ of 500 files so far/);
});

test('a search before a question shows how many files it has counted', async t => {
  const {root, server, target} = await startHarness(t);
  for (let index = 0; index < 1200; index++) {
    writeFileSync(path.join(root, String(index)), 'x');
  }

  mkdirSync(target);
  writeFileSync(path.join(target, '7'), 'mine');
  const stderr = new Captured(80);
  const words = ['mget', '**', '--dirs', '-o', target, '-s', server.address];
  const ran = await runHere(words, {stdin: typed('S'), stderr});
  assert.equal(ran.status, 0);
  assert.match(ran.stderr, /counting: \d+ files so far {2}[\d.]+ k?B so far/);
  // The drawn lines are removed before the question.
  assert.ok(ran.stderr.includes('\u001b[?25h  r  resume'));
  assert.match(ran.stdout, /1199 files, .*; 0 folders made, 1 skipped\n$/);
  assert.equal(readFileSync(path.join(target, '7'), 'utf8'), 'mine');
});
