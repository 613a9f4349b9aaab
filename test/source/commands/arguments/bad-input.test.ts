import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {before, test} from 'node:test';
import {freePort} from '../../../fixtures/free-port.ts';
import {startHarness, treeOf, until} from '../../../fixtures/harness.ts';
import {runHere, runProgram, start} from '../run.ts';

let unused = 0;

before(async () => {
  unused = await freePort();
});

test('an unknown command exits with 2 and names the nearest one', async () => {
  const ran = await runProgram(['lisst']);
  assert.equal(ran.status, 2);
  assert.equal(ran.stdout, '');
  assert.match(ran.stderr, /^jangada: Unknown command 'lisst'\. The nearest is 'list'.*\n$/);
});

test('an unknown option exits with 2 and names the nearest one', async () => {
  const ran = await runProgram(['sget', 'a', '--quite']);
  assert.equal(ran.status, 2);
  assert.match(ran.stderr, /^jangada: Unknown option '--quite'\. The nearest is '--quiet'.*\n$/);
});

test('a missing server exits with 3 and one line: the address and what to check', async () => {
  const server = `127.0.0.1:${unused}`;
  assert.equal((await runProgram(['list', '-s', server])).status, 3);
  for (const words of [['list'], ['sget', 'a'], ['mget', '*'], ['hash', 'a'], ['verify', 'a']]) {
    const ran = await runHere([...words, '-s', server]);
    assert.equal(ran.status, 3);
    assert.equal(ran.stdout, '');
    assert.match(ran.stderr, new RegExp(`^jangada: .*127\\.0\\.0\\.1:${unused}.*[Cc]heck.*\\n$`));
  }
});

test('a missing file exits with 1, and the error has its name', async t => {
  const {server, target} = await startHarness(t);
  for (const words of [
    ['sget', 'no\u001bsuch', '-o', target],
    ['cget', 'no\u001bsuch', '-o', target],
    ['hash', 'no\u001bsuch'],
    ['list', 'no\u001bsuch'],
  ]) {
    const ran = await runProgram(words, {JANGADA_SERVER: server.address});
    assert.equal(ran.status, 1);
    assert.match(ran.stderr, /^jangada: .*no\\x1bsuch.*\n$/);
    assert.equal(ran.stdout, '');
  }
});

test('a path outside the root is refused before the program connects', async () => {
  assert.equal((await runProgram(['sget', '../x', '-s', `127.0.0.1:${unused}`])).status, 2);
  for (const words of [
    ['list', '..'],
    ['list', '/../etc'],
    ['sget', '../x'],
    ['sget', '//etc/passwd'],
    ['sget', 'a/../../x'],
    ['sget', 'a//b'],
    ['sget', 'a/'],
    ['cget', './a'],
    ['hash', '../x:10'],
    ['verify', 'a', '../x'],
    ['mget', '../**'],
    ['mget', '//etc/*'],
    ['mget', '**', '!../x'],
    ['sget', 'x'.repeat(256)],
  ]) {
    // There is no server at this address: the status would be 3 if the program connected.
    const ran = await runHere([...words, '-s', `127.0.0.1:${unused}`]);
    assert.equal(ran.status, 2, words.join(' '));
    assert.match(ran.stderr, /^jangada: '.*' is refused.*\n$/);
  }
});

test('an error about refused input says what to type instead', async () => {
  for (const [words, message] of [
    [['sget', 'a//b'], /'a\/\/b' is refused \(it has an empty part.*\): write 'a\/b'$/m],
    [['sget', 'a/'], /'a\/' is refused .*: write 'a'$/m],
    [['sget', './a'], /'\.\/a' is refused .*: write 'a'$/m],
    [
      ['sget', '../a'],
      /'\.\.\/a' is refused .*relative to the served folder, without '\.' and '\.\.'$/m,
    ],
    [
      ['mget', '!bang'],
      /'!bang' only excludes\. Write '\*\*' '!bang' for everything else, or '\\!bang' for/,
    ],
    [['mget', '!a', '!b'], /'!a' only excludes/],
    [['queue', 'add', '!bang'], /'!bang' only excludes/],
  ] as const) {
    const ran = await runHere([...words, '-s', `127.0.0.1:${unused}`]);
    assert.equal(ran.status, 2, words.join(' '));
    assert.match(ran.stderr, message);
  }
});

test('a name with a leading exclamation mark is fetched with a backslash before it', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('!bang', 'loud');
  serve('other', 'quiet');
  const ran = await runHere(['mget', '\\!bang', '-o', target, '-s', server.address]);
  assert.deepEqual([ran.status, ran.stderr], [0, '']);
  assert.deepEqual(treeOf(target), new Map([['!bang', Buffer.from('loud')]]));
});

test('a file in place of the local folder is refused before the program connects', async t => {
  const {target} = await startHarness(t);
  mkdirSync(target);
  const file = path.join(target, 'existing.bin');
  writeFileSync(file, 'mine');
  for (const words of [
    ['sget', 'a'],
    ['mget', '*'],
    ['cget', 'a'],
    ['verify', 'a'],
    ['queue', 'add', 'a'],
    [],
  ]) {
    const ran = await runProgram([...words, '-o', file, '-s', `127.0.0.1:${unused}`]);
    assert.equal(ran.status, 2, words.join(' '));
    assert.match(ran.stderr, /existing\.bin' for --to: it is a file\. Use a folder/);
  }

  assert.deepEqual(treeOf(target), new Map([['existing.bin', Buffer.from('mine')]]));
});

test('without a terminal an existing target exits with 1, and nothing is changed', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', 'new');
  serve('b', 'new');
  mkdirSync(target);
  writeFileSync(path.join(target, 'a'), 'old');
  for (const words of [
    ['sget', 'a'],
    ['mget', '*'],
    ['mget', '*', '--on-conflict', 'ask'],
  ]) {
    const ran = await runProgram([...words, '-o', target], {JANGADA_SERVER: server.address});
    assert.equal(ran.status, 1);
    assert.equal(ran.stdout, '');
    assert.match(ran.stderr, /^jangada: a exists\. No file was changed\. .*--on-conflict.*\n$/);
    assert.deepEqual(treeOf(target), new Map([['a', Buffer.from('old')]]));
  }
});

test('without a terminal the full-screen client exits with 2 and names the plain commands', async () => {
  const ran = await runProgram([]);
  assert.equal(ran.status, 2);
  assert.match(ran.stderr, /^jangada: .*needs a terminal.*list, sget, mget.*\n$/);
});

test('help and version go to standard output', async () => {
  const help = await runProgram(['help', 'sget']);
  assert.equal(help.status, 0);
  assert.match(help.stdout, /^jangada sget FILE\n/);
  const version = await runProgram(['--version']);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  assert.equal(help.stderr + version.stderr, '');
});

test('serve is the server program', async t => {
  const {root} = await startHarness(t);
  const {child, ran, ended} = start(['serve', root, '--port', '0', '--log-level', 'silent']);
  t.after(() => child.kill('SIGKILL'));
  await until(() => ran.stdout.includes('\n'));
  const list = await runProgram(['list', '--json', '-s', ran.stdout.trim()]);
  const end = '{"event":"end","outcome":"success","code":null,"status":0}';
  assert.deepEqual(list, {status: 0, stdout: `[]\n${end}\n`, stderr: ''});
  child.kill('SIGTERM');
  assert.equal((await ended).status, 0);
});
