import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {inOrder} from '../../../../source/commands/checksums/in-order.ts';
import {noise, temporaryFolder} from '../../../fixtures/harness.ts';
import {endOf, listedIn} from '../../../fixtures/json-output.ts';
import {sha256sum} from '../../../fixtures/sha256sum.ts';
import {runHere, start} from '../run.ts';

/** An address without a server. */
const nowhere = ['-s', '127.0.0.1:1'];
const timeout = 90_000;

function digestOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function lineOf(name: string, bytes: Uint8Array | string): string {
  return `${digestOf(bytes)}  ${name}\n`;
}

/** A folder of files, and a list beside it. */
function place(t: TestContext, files: Record<string, Uint8Array | string>, list?: string) {
  const base = temporaryFolder(t);
  const folder = path.join(base, 'files');
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), {recursive: true});
    writeFileSync(path.join(folder, name), content);
  }

  const file = path.join(base, 'list');
  const all = Object.entries(files).map(([name, content]) => lineOf(name, content));
  writeFileSync(file, list ?? all.join(''));
  return {
    base,
    folder,
    list: file,
    words: ['verify', '--checksums', file, '-o', folder, ...nowhere],
  };
}

test('all files of a list are verified, in its order, without a server', async t => {
  const {words} = place(t, {c: noise(5_000_000), 'a/b': 'x', empty: ''});
  assert.deepEqual(await runHere(words), {
    status: 0,
    stdout: 'c: verified, SHA-256\na/b: verified, SHA-256\nempty: verified, SHA-256\n',
    stderr: '',
  });
});

test('a file that differs is reported with both digests, and the exit status shows it', async t => {
  const {folder, words} = place(t, {a: 'as it was', b: 'b'});
  writeFileSync(path.join(folder, 'a'), 'as it is');
  assert.deepEqual(await runHere(words), {
    status: 5,
    stdout:
      `a: differs, SHA-256 here ${digestOf('as it is')}, in the list ${digestOf('as it was')}\n` +
      'b: verified, SHA-256\n',
    stderr: '',
  });
  assert.deepEqual(await runHere([...words, '--quiet']), {status: 5, stdout: '', stderr: ''});
});

test('a missing file fails, and the others are verified', async t => {
  const {folder, words} = place(t, {a: 'a', b: 'b', c: 'c'});
  rmSync(path.join(folder, 'b'));
  writeFileSync(path.join(folder, 'c'), 'C');
  const ran = await runHere(words);
  assert.equal(ran.status, 1);
  assert.match(ran.stdout, /^a: verified, SHA-256\nc: differs, .*\n$/);
  assert.equal(ran.stderr, `jangada: ${path.join(folder, 'b')}: it does not exist\n`);
});

test('arguments choose files of the list, and a file that is not in the list fails', async t => {
  const {list, words} = place(t, {a: 'a', 'b/c': 'bc', d: 'd'});
  const ran = await runHere([...words, './d', 'b/c', 'e\u001b']);
  assert.deepEqual(ran, {
    status: 1,
    stdout: 'b/c: verified, SHA-256\nd: verified, SHA-256\n',
    stderr: `jangada: e\\x1b: it is not in ${list}\n`,
  });
});

test('bad lines are reported by number, and the good ones are verified', async t => {
  const bad = Array.from({length: 30}, (_, index) => `bad ${index}\n`).join('');
  const {list, words} = place(t, {a: 'a'}, `# mine\n\n${lineOf('a', 'a')}${bad}`);
  const ran = await runHere(words);
  assert.equal(ran.status, 1);
  assert.equal(ran.stdout, 'a: verified, SHA-256\n');
  const lines = ran.stderr.trimEnd().split('\n');
  assert.equal(lines.length, 21);
  assert.equal(lines[0], `jangada: ${list}: line 4 is not a line of SHA-256 checksums`);
  assert.equal(lines[20], `jangada: ${list}: 10 more lines are not lines of SHA-256 checksums`);
});

for (const [what, content] of [
  ['empty', ''],
  ['a text', 'milk\n'],
  ['of zeros', Buffer.alloc(1_000_000)],
] as const) {
  test(`a list that is ${what} is not accepted`, async t => {
    const {list, words} = place(t, {});
    writeFileSync(list, content);
    const ran = await runHere(words);
    assert.equal(ran.status, 1);
    assert.equal(ran.stdout, '');
    assert.match(ran.stderr, /^jangada: \S+ is not a list of SHA-256 checksums: .*\n$/);
  });
}

test('a missing list, or a folder in its place, is reported', async t => {
  const {base, folder} = place(t, {});
  const missing = await runHere(['verify', '--checksums', path.join(base, 'x'), ...nowhere]);
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /x: it does not exist\n$/);
  const ran = await runHere(['verify', '--checksums', folder, ...nowhere]);
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /files is not a file\n$/);
});

test('lists of sha256sum are read, in each of its forms and with any name', async t => {
  const names = ['a b', '-c', '*d', ' e', 'f\\g', 'h\ni', 'j\r', 'k/l', 'ção'];
  const {list, folder, words} = place(t, Object.fromEntries(names.map(name => [name, name])));
  // A name that is not valid UTF-8.
  const raw = Buffer.concat([Buffer.from(`${folder}/raw`), Buffer.from([0xe9])]);
  writeFileSync(raw, 'raw');
  for (const form of ['--text', '--binary', '--tag']) {
    const [before, after] =
      form === '--tag'
        ? ['SHA256 (raw', `) = ${digestOf('raw')}\n`]
        : [`${digestOf('raw')}  raw`, '\n'];
    const made = sha256sum(t, folder, form, '--', ...names);
    if (made === undefined) {
      return;
    }

    assert.equal(made.status, 0, made.stderr);
    writeFileSync(
      list,
      Buffer.concat([Buffer.from(made.stdout + before), Buffer.from([0xe9]), Buffer.from(after)]),
    );
    const ran = await runHere(words);
    assert.deepEqual({status: ran.status, stderr: ran.stderr}, {status: 0, stderr: ''});
    assert.match(ran.stdout, /^h\\x0ai: verified, SHA-256$/m);
    assert.match(ran.stdout, /^raw\\xe9: verified, SHA-256$/m);
    assert.equal(ran.stdout.match(/: verified, SHA-256\n/g)?.length, names.length + 1);
  }
});

test('absolute names and names with links or .. are read as they are', async t => {
  const {base, list, folder, words} = place(t, {'a/b': 'b'});
  writeFileSync(path.join(base, 'up'), 'up');
  mkdirSync(path.join(base, 'far/away'), {recursive: true});
  writeFileSync(path.join(base, 'far/c'), 'c');
  symlinkSync('../far/away', path.join(folder, 'link'));
  writeFileSync(
    list,
    lineOf(path.join(folder, 'a/b'), 'b') + lineOf('../up', 'up') + lineOf('link/../c', 'c'),
  );
  const ran = await runHere(words);
  assert.equal(ran.status, 0, ran.stderr);
  const there = sha256sum(t, folder, '-c', list);
  assert.equal(there?.status ?? 0, 0);
});

test('a FIFO in the list is not opened, and a folder is not a file', {
  timeout,
  skip: process.platform === 'win32' && 'there are no FIFOs',
}, async t => {
  const {folder, list, words} = place(t, {'d/e': 'e'});
  const fifo = path.join(folder, 'pipe');
  assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
  writeFileSync(list, lineOf('pipe', '') + lineOf('d', ''));
  const ran = await runHere(words);
  assert.equal(ran.status, 1);
  assert.equal(
    ran.stderr,
    `jangada: ${fifo} is not a file\njangada: ${path.join(folder, 'd')} is not a file\n`,
  );
});

test('the JSON has the documented fields', async t => {
  const {list, folder, words} = place(t, {});
  writeFileSync(path.join(folder, 'a'), 'a');
  writeFileSync(list, `${lineOf('a', 'other')}bad\n${lineOf('b', 'b')}`);
  const ran = await runHere([...words, '--json', 'a', 'b', 'c']);
  assert.equal(ran.status, 1);
  assert.equal(endOf(ran.stdout).code, 'several');
  assert.deepEqual(listedIn(ran.stdout), [
    {
      line: 2,
      error: {code: 'local_io', message: `${list}: line 2 is not a line of SHA-256 checksums`},
    },
    {name: 'c', error: {code: 'not_found', message: `c: it is not in ${list}`}},
    {
      name: 'a',
      local: `${folder}/a`,
      equal: false,
      size: 1,
      sha256: digestOf('a'),
      expected: digestOf('other'),
    },
    {name: 'b', error: {code: 'local_io', message: `${folder}/b: it does not exist`}},
  ]);
});

test('with --repair it is wrong usage, because --repair needs a server', async t => {
  const {words} = place(t, {a: 'a'});
  const ran = await runHere([...words, '--repair']);
  assert.equal(ran.status, 2);
  assert.match(
    ran.stderr,
    /--repair fetches from the server, and --checksums compares without one/,
  );
});

test('an interruption ends it', {timeout}, async t => {
  const {folder, list, words} = place(t, {});
  // Takes a long time to hash, but no space on the disk.
  spawnSync('truncate', ['-s', '200G', path.join(folder, 'a')]);
  writeFileSync(path.join(folder, 'b'), 'b');
  writeFileSync(list, lineOf('b', 'b') + lineOf('a', '') + lineOf('a', ''));
  const {child, ended} = start(words, {JANGADA_SERVER: ''});
  child.stdout.once('data', () => child.kill('SIGINT'));
  assert.deepEqual(await ended, {
    status: 130,
    stdout: 'b: verified, SHA-256\n',
    stderr: 'jangada: Interrupted\n',
  });
});

test('results come in order, a limited number of files is read at once, and a failure waits for the others', async () => {
  let running = 0;
  let most = 0;
  const ended: number[] = [];
  const work = async (item: number) => {
    most = Math.max(most, ++running);
    for (let turn = 0; turn < 3 + (item % 3) * 3; turn++) {
      await new Promise(setImmediate);
    }

    running--;
    ended.push(item);
    if (item === 7) {
      throw new Error('seven');
    }

    return item;
  };
  const got: number[] = [];
  await assert.rejects(async () => {
    for await (const item of inOrder([2, 0, 1, 5, 3, 7, 8, 9], work, 3)) {
      got.push(item);
    }
  }, /seven/);
  assert.deepEqual(got, [2, 0, 1, 5, 3]);
  assert.equal(most, 3);
  assert.equal(running, 0);
  assert.ok(ended.includes(8) && ended.includes(7));
});
