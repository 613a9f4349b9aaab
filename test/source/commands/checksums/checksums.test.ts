import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {noise, startHarness, treeOf, until} from '../../../fixtures/harness.ts';
import {sha256sum} from '../../../fixtures/sha256sum.ts';
import {type Ran, runHere, start} from '../run.ts';

const part = '.jangada-part';
const timeout = 90_000;

function digestOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function lineOf(name: string, bytes: Uint8Array | string): string {
  return `${digestOf(bytes)}  ${name}\n`;
}

/** The lines of a list, in no order. */
function linesOf(list: string): string[] {
  return readFileSync(list, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => `${line}\n`)
    .sort();
}

/** `sha256sum -c` in `folder` finds every line right, and `count` of them. */
function assertRight(t: TestContext, folder: string, list: string, count: number): void {
  const checked = sha256sum(t, folder, '--strict', '-c', list);
  if (checked !== undefined) {
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    assert.equal(checked.stdout.match(/: OK$/gm)?.length, count);
  }
}

function events({stdout}: Ran): Array<Record<string, unknown>> {
  return stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
}

async function place(t: TestContext, options: Parameters<typeof startHarness>[1] = {}) {
  const harness = await startHarness(t, options);
  const list = path.join(harness.target, '../list.sha256');
  const words = ['--checksums', list, '-o', harness.target, '-s', harness.server.address];
  return {...harness, list, words};
}

/** Change one byte. */
function flip(file: string, offset: number): void {
  const bytes = readFileSync(file);
  bytes[offset] = (bytes[offset] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

test('the list of a tree with odd names is one that sha256sum checks', {timeout}, async t => {
  const {root, serve, target, list, words} = await place(t);
  const names = ['a b', '-c', '-', '#d', '*e', ' f', 'g\\h', 'i\nj', 'k\rl\r', 'm\\n', 'n/o\\/p q'];
  for (const name of [...names, 'empty']) {
    serve(name, name === 'empty' ? '' : `content of ${name}`);
  }

  serve('large\\', noise(3 * blockSize + 1));
  writeFileSync(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9])]), 'raw');
  const ran = await runHere(['mget', '**', ...words]);
  assert.equal(ran.status, 0, ran.stderr);
  const lines = linesOf(list);
  assert.equal(lines.length, names.length + 3);
  assert.ok(lines.includes(`\\${lineOf('i\\nj', 'content of i\nj')}`));
  assert.ok(lines.includes(lineOf('caf%E9', 'raw')));
  assertRight(t, target, list, names.length + 3);

  flip(path.join(target, 'large\\'), 2 * blockSize);
  const checked = sha256sum(t, target, '-c', list);
  assert.match(checked?.stdout ?? 'large\\\\: FAILED', /^\\?large\\+: FAILED$/m);
});

test('a large file over four connections gets the line that it has to have', {
  timeout,
}, async t => {
  const {serve, target, list, words} = await place(t);
  const bytes = noise(128 * blockSize + 11);
  serve('a/large.bin', bytes);
  const ran = await runHere(['sget', 'a/large.bin', '--connections', '4', ...words]);
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(readFileSync(list, 'utf8'), lineOf('large.bin', bytes));
  assertRight(t, target, list, 1);
});

test('a partial that is continued, holes and all, is hashed as a whole', {timeout}, async t => {
  const {serve, target, list, words} = await place(t);
  const bytes = noise(12 * blockSize + 3);
  serve('a.bin', bytes);
  mkdirSync(target);
  const kept = Buffer.from(bytes.subarray(0, 9 * blockSize));
  kept.fill(0, 4 * blockSize, 6 * blockSize);
  writeFileSync(path.join(target, `a.bin${part}`), kept);
  const ran = await runHere(['cget', 'a.bin', ...words]);
  assert.match(ran.stdout, /^a\.bin {2}12\.6 MB {2}verified \(7\.34 MB reused\)\n$/);
  assert.equal(readFileSync(list, 'utf8'), lineOf('a.bin', bytes));
  assertRight(t, target, list, 1);
});

test('a file of which blocks are copied from another one is hashed as a whole', {
  timeout,
}, async t => {
  const {serve, target, list, words} = await place(t);
  const bytes = noise(9 * blockSize + 3);
  serve('a.bin', bytes);
  mkdirSync(target);
  const seed = path.join(target, 'older');
  writeFileSync(seed, bytes.subarray(2 * blockSize, 6 * blockSize));
  const ran = await runHere(['sget', 'a.bin', '--seed', seed, '--json', ...words]);
  assert.equal(events(ran).find(({event}) => event === 'done')?.copiedBytes, 4 * blockSize);
  assert.equal(readFileSync(list, 'utf8'), lineOf('a.bin', bytes));
});

test('what is found complete gets its line too, what is skipped gets none', async t => {
  const {serve, target, list, words} = await place(t);
  const bytes = noise(3 * blockSize);
  mkdirSync(target);
  for (const [name, content] of [
    ['large', bytes],
    ['small', 'small'],
    ['empty', ''],
  ] as const) {
    serve(name, content);
    writeFileSync(path.join(target, name), content);
  }

  const skipped = await runHere(['mget', '*', '--on-conflict', 'skip', ...words]);
  assert.equal(skipped.status, 0, skipped.stderr);
  assert.equal(existsSync(list), false);
  const ran = await runHere(['mget', '*', '--on-conflict', 'resume', '--json', ...words]);
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual(
    linesOf(list),
    [lineOf('large', bytes), lineOf('small', 'small'), lineOf('empty', '')].sort(),
  );
  const done = events(ran).filter(({event}) => event === 'done');
  assert.deepEqual(Object.fromEntries(done.map(({path, sha256}) => [path, sha256])), {
    large: digestOf(bytes),
    small: digestOf('small'),
    empty: digestOf(''),
  });
});

test('without the option nothing is hashed, and no event has a checksum', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', 'a');
  serve('b', noise(2 * blockSize));
  const ran = await runHere(['mget', '*', '--json', '-o', target, '-s', server.address]);
  const done = events(ran).filter(({event}) => event === 'done');
  assert.equal(done.length, 2);
  assert.ok(done.every(event => !('sha256' in event)));
});

for (const how of ['overwrite', 'rename', 'newer'] as const) {
  test(`a file that is saved with ${how} has a line under the name it has here`, async t => {
    const {serve, target, list, words} = await place(t);
    const bytes = noise(2 * blockSize, 5);
    mkdirSync(target);
    for (const [name, content] of [
      ['large', bytes],
      ['small', 'new'],
    ] as const) {
      serve(name, content);
      writeFileSync(path.join(target, name), 'old');
    }

    const future = new Date(Date.now() + 1_000_000);
    for (const name of ['large', 'small']) {
      utimesSync(path.join(target, '../root', name), future, future);
    }

    const ran = await runHere(['mget', '*', '--on-conflict', how, ...words]);
    assert.equal(ran.status, 0, ran.stderr);
    const suffix = how === 'rename' ? ' (2)' : '';
    assert.deepEqual(
      linesOf(list),
      [lineOf(`large${suffix}`, bytes), lineOf(`small${suffix}`, 'new')].sort(),
    );
    assertRight(t, target, list, 2);
  });
}

test('a file that is replaced while it is sent has the checksum of what arrived', {
  timeout,
}, async t => {
  const {root, serve, target, list, words} = await place(t, {server: {limit: 30 * blockSize}});
  serve('a.bin', noise(30 * blockSize));
  const ran = runHere(['sget', 'a.bin', ...words]);
  const partial = path.join(target, `a.bin${part}`);
  await until(() => existsSync(partial) && statSync(partial).size >= 3 * blockSize);
  const bytes = noise(20 * blockSize + 9, 2);
  writeFileSync(path.join(root, 'a.bin'), bytes);
  const {status, stderr} = await ran;
  assert.equal(status, 0, stderr);
  assert.ok(readFileSync(path.join(target, 'a.bin')).equals(bytes));
  assert.equal(readFileSync(list, 'utf8'), lineOf('a.bin', bytes));
});

test('an interruption keeps the lines there are, and going on adds the others', {
  timeout,
}, async t => {
  const {serve, target, list, words} = await place(t, {server: {limit: 4 * blockSize}});
  serve('a', 'small');
  serve('b.bin', noise(16 * blockSize));
  const mget = ['mget', '*', '--connections', '2', ...words];
  const {child, ended} = start(mget);
  await until(() => existsSync(list) && statSync(list).size > 0, timeout / 2);
  assert.equal(readFileSync(list, 'utf8'), lineOf('a', 'small'));
  child.kill('SIGINT');
  const interrupted = await ended;
  assert.equal(interrupted.status, 130);
  assert.match(interrupted.stderr, /to go on: jangada mget .*--checksums \S+list\.sha256 /);
  assert.equal(readFileSync(list, 'utf8'), lineOf('a', 'small'));

  const again = await runHere([...mget, '--on-conflict', 'resume']);
  assert.equal(again.status, 0, again.stderr);
  assert.equal(
    readFileSync(list, 'utf8'),
    lineOf('a', 'small') + lineOf('b.bin', noise(16 * blockSize)),
  );
  assertRight(t, target, list, 2);
});

test('lines of files that are fetched again are replaced, all else in the list stays', async t => {
  const {serve, target, list, words} = await place(t);
  serve('new', 'new');
  serve('same', 'same');
  serve('other', 'other by now');
  const kept = `# mine\n${lineOf('same', 'same')}\n${lineOf('elsewhere/x', 'x').replace('  ', ' *')}`;
  writeFileSync(list, `${lineOf('other', 'other')}${kept}${lineOf('./other', 'older still')}`);
  chmodSync(list, 0o640);
  const ran = await runHere(['mget', '*', ...words]);
  assert.equal(ran.status, 0, ran.stderr);
  const added = [lineOf('new', 'new'), lineOf('other', 'other by now')];
  const text = readFileSync(list, 'utf8');
  assert.ok([added.join(''), added.reverse().join('')].includes(text.slice(kept.length)), text);
  assert.ok(text.startsWith(kept));
  assert.equal(statSync(list).mode & 0o777, 0o640);
  assert.deepEqual(readdirSync(path.dirname(list)).sort(), ['list.sha256', 'root', 'target']);
  assert.deepEqual([...treeOf(target).keys()].sort(), ['new', 'other', 'same']);
});

for (const [what, left] of [
  ['half a line that a crash has left', lineOf('b', 'b').slice(0, 40)],
  ['a last line without its end', lineOf('b', 'b').slice(0, -1)],
] as const) {
  test(`${what} does not spoil the next one`, async t => {
    const {serve, list, words} = await place(t);
    serve('a', 'a');
    writeFileSync(list, `${lineOf('c', 'c')}${left}`);
    const ran = await runHere(['sget', 'a', ...words]);
    assert.equal(ran.status, 0, ran.stderr);
    const kept = left.endsWith('b') ? `${left}\n` : '';
    assert.equal(readFileSync(list, 'utf8'), `${lineOf('c', 'c')}${kept}${lineOf('a', 'a')}`);
  });
}

const unusable: ReadonlyArray<[what: string, make: (list: string) => void, says: RegExp]> = [
  ['a text', list => writeFileSync(list, 'milk\nbread\n'), /no list of SHA-256 .*: line 1 is none/],
  ['a word', list => writeFileSync(list, 'dead'), /no list of SHA-256 checksums: line 1 is none/],
  ['a download', list => writeFileSync(list, noise(3 * blockSize)), /no list of SHA-256 checksums/],
  [
    'a list of other digests',
    list => writeFileSync(list, `${lineOf('a', 'a')}${'0'.repeat(40)}  b\n`),
    /no list of SHA-256 checksums: line 2 is none/,
  ],
  ['a folder', list => mkdirSync(list), /is a folder, a link or a device/],
  ['a FIFO', list => spawnSync('mkfifo', [list]), /is a folder, a link or a device/],
  ['a link', list => symlinkSync('elsewhere', list), /is a folder, a link or a device/],
  [
    'in a folder that is a file',
    list => writeFileSync(path.dirname(list), ''),
    /a\.sha256: .*a folder has to be/,
  ],
];

for (const [what, make, says] of unusable) {
  const skip = process.platform === 'win32' && /FIFO|link/.test(what) && 'not on Windows';
  test(`a list that is ${what} is refused before anything is fetched`, {skip}, async t => {
    const {serve, target, server} = await startHarness(t);
    serve('a', 'a');
    const folder = path.join(target, '../list');
    const list = path.join(folder, 'a.sha256');
    if (!what.includes('that is a file')) {
      mkdirSync(folder);
    }

    make(list);
    const before = existsSync(list) && lstatSync(list).isFile() && readFileSync(list);
    const words = ['sget', 'a', '--checksums', list, '-o', target, '-s', server.address];
    const ran = await runHere(words);
    assert.equal(ran.status, 1);
    assert.equal(ran.stdout, '');
    assert.match(ran.stderr, says);
    assert.equal(existsSync(target), false);
    assert.deepEqual(existsSync(list) && lstatSync(list).isFile() && readFileSync(list), before);
  });
}

test('a name that can be no list is wrong usage', async t => {
  const {words} = await place(t);
  const [, , ...rest] = words;
  const ran = await runHere(['mget', '*', '--checksums', `a.bin${part}`, ...rest]);
  assert.equal(ran.status, 2);
  assert.match(ran.stderr, /'a\.bin\.jangada-part' is no value for --checksums/);
});

test('a list that was made for nothing is removed again', async t => {
  const {serve, list, words} = await place(t);
  serve('a', 'a');
  const ran = await runHere(['mget', 'z*', ...words]);
  assert.equal(ran.status, 1);
  assert.equal(existsSync(list), false);
});

test('a list may lie in the target folder, which is made', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a/b', 'b');
  const list = path.join(target, 'sums/list');
  const words = ['mget', '**', '--checksums', list, '-o', target, '-s', server.address];
  const ran = await runHere(words);
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(readFileSync(list, 'utf8'), lineOf('a/b', 'b'));
  assertRight(t, target, 'sums/list', 1);
});

for (const policy of ['overwrite', 'resume'] as const) {
  test(`a file that would be saved over the list is refused with ${policy}, the others arrive`, async t => {
    const {serve, server, target} = await startHarness(t);
    serve('a', 'a');
    serve('SHA256SUMS', `${lineOf('a', 'something else')}`);
    const list = path.join(target, 'SHA256SUMS');
    const ran = await runHere([
      ...['mget', '*', '--on-conflict', policy, '--checksums', list],
      ...['-o', target, '-s', server.address],
    ]);
    assert.equal(ran.status, 1);
    assert.match(
      ran.stderr,
      /^jangada: SHA256SUMS: \S+ is the list of checksums: name another file /,
    );
    assert.equal(readFileSync(list, 'utf8'), lineOf('a', 'a'));
    assert.deepEqual([...treeOf(target).keys()].sort(), ['SHA256SUMS', 'a']);
  });
}

test('two commands never write to one list', {timeout}, async t => {
  const {serve, list, words} = await place(t, {server: {limit: 2 * blockSize}});
  serve('a.bin', noise(20 * blockSize));
  serve('b', 'b');
  const first = start(['sget', 'a.bin', ...words]);
  await until(() => existsSync(list), timeout / 2);
  const second = await runHere(['sget', 'b', ...words]);
  assert.equal(second.status, 1);
  assert.match(
    second.stderr,
    /Another jangada \(process \d+\) writes to .*list\.sha256: name another/,
  );
  first.child.kill('SIGINT');
  assert.equal((await first.ended).status, 130);
  const third = await runHere(['sget', 'b', ...words]);
  assert.equal(third.status, 0, third.stderr);
  assert.equal(readFileSync(list, 'utf8'), lineOf('b', 'b'));
});

test('what somebody puts in the place of the list is not written to', {timeout}, async t => {
  const {serve, target, list, words} = await place(t, {server: {limit: 4 * blockSize}});
  serve('a.bin', noise(6 * blockSize));
  const ran = runHere(['sget', 'a.bin', '--json', ...words]);
  await until(() => existsSync(path.join(target, `a.bin${part}`)));
  rmSync(list);
  writeFileSync(list, 'precious');
  const {status, stdout, stderr} = await ran;
  assert.equal(status, 1);
  assert.match(stderr, /list\.sha256 was removed or replaced .*\. 1 checksum could not be written/);
  assert.equal(readFileSync(list, 'utf8'), 'precious');
  assert.ok(existsSync(path.join(target, 'a.bin')));
  const told = events({status, stdout, stderr}).map(({event}) => event);
  assert.deepEqual(told.slice(-3), ['done', 'error', 'end']);
});

test('a disk too full for the list costs no download, and is said', {timeout}, async t => {
  const disk = mkdtempSync(path.join(tmpdir(), 'jangada-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  t.after(() => {
    spawnSync('umount', ['-l', disk]);
    rmSync(disk, {recursive: true, force: true});
  });
  if (mounted.status !== 0) {
    t.skip('a small disk cannot be mounted here');
    return;
  }

  const {serve, target, server} = await startHarness(t);
  serve('a', 'a');
  serve('b', 'b');
  const list = path.join(disk, 'list');
  const words = ['--checksums', list, '-o', target, '-s', server.address];
  writeFileSync(list, lineOf('c', 'c'));
  const {bavail, bsize} = statfsSync(disk);
  writeFileSync(path.join(disk, 'in the way'), noise(bavail * bsize));
  // The page that the list has is filled up first.
  const filler = `${lineOf('c', 'c')}#${'x'.repeat(4096 - lineOf('c', 'c').length - 2)}\n`;
  writeFileSync(list, filler);
  const full = await runHere(['mget', '*', ...words]);
  assert.equal(full.status, 1);
  assert.match(full.stderr, /list: the disk is full.*\. 2 checksums could not be written/);
  assert.match(full.stdout, /2 files, 2 B verified/);
  assert.equal(readFileSync(list, 'utf8'), filler);

  rmSync(path.join(disk, 'in the way'));
  const again = await runHere(['mget', '*', '--on-conflict', 'resume', ...words]);
  assert.equal(again.status, 0, again.stderr);
  const added = linesOf(list).filter(line => !filler.includes(line));
  assert.deepEqual(added, [lineOf('a', 'a'), lineOf('b', 'b')].sort());
});

test('queue run writes absolute names, also of transfers to several folders', {
  timeout,
}, async t => {
  const {serve, server, target, list} = await place(t);
  serve('a/b', 'b');
  serve('c', noise(2 * blockSize));
  const other = path.join(target, '../other');
  const at = ['-s', server.address];
  for (const [name, folder] of [
    ['a/*', target],
    ['c', other],
  ] as const) {
    const added = await runHere(['queue', 'add', name, '-o', folder, ...at]);
    assert.equal(added.status, 0, added.stderr);
  }

  const ran = await runHere(['queue', 'run', '--json', '--checksums', list, ...at]);
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual(
    linesOf(list),
    [
      lineOf(path.join(target, 'a/b'), 'b'),
      lineOf(path.join(other, 'c'), noise(2 * blockSize)),
    ].sort(),
  );
  assert.equal(events(ran).find(({event}) => event === 'done')?.sha256, digestOf('b'));
  assertRight(t, '/', list, 2);
});
