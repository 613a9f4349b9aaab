import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
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
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {noise, startHarness, treeOf, until} from '../../../fixtures/harness.ts';
import {runHere, start} from '../run.ts';
import {assertRight, events, lineOf, linesOf, part, place, timeout} from './checksum-place.ts';

test('lines of files that are fetched again are replaced, and all other lines stay', async t => {
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
  [
    'a text',
    list => writeFileSync(list, 'milk\nbread\n'),
    /not a list of SHA-256 .*: line 1 has no SHA-256/,
  ],
  [
    'a word',
    list => writeFileSync(list, 'dead'),
    /not a list of SHA-256 checksums: line 1 has no SHA-256/,
  ],
  [
    'a download',
    list => writeFileSync(list, noise(3 * blockSize)),
    /not a list of SHA-256 checksums/,
  ],
  [
    'a list of other digests',
    list => writeFileSync(list, `${lineOf('a', 'a')}${'0'.repeat(40)}  b\n`),
    /not a list of SHA-256 checksums: line 2 has no SHA-256/,
  ],
  ['a folder', list => mkdirSync(list), /is a folder, a link or a device/],
  ['a FIFO', list => spawnSync('mkfifo', [list]), /is a folder, a link or a device/],
  ['a link', list => symlinkSync('elsewhere', list), /is a folder, a link or a device/],
  [
    'in a folder that is a file',
    list => writeFileSync(path.dirname(list), ''),
    /a\.sha256: .*has to be a folder/,
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

test('a name that cannot be a list is wrong usage', async t => {
  const {words} = await place(t);
  const [, , ...rest] = words;
  const ran = await runHere(['mget', '*', '--checksums', `a.bin${part}`, ...rest]);
  assert.equal(ran.status, 2);
  assert.match(ran.stderr, /Invalid value 'a\.bin\.jangada-part' for --checksums/);
});

test('a new list that stays empty is removed', async t => {
  const {serve, list, words} = await place(t);
  serve('a', 'a');
  const ran = await runHere(['mget', 'z*', ...words]);
  assert.equal(ran.status, 1);
  assert.equal(existsSync(list), false);
});

test('a list may be in the target folder, which is then made', async t => {
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
  test(`a file that would be saved over the list is refused with ${policy}, and the others arrive`, async t => {
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

test('a file that another program puts in place of the list is not written to', {
  timeout,
}, async t => {
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

test('a disk that is too full for the list stops no download, and this is reported', {
  timeout,
}, async t => {
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
  // First fill the page that the list already has.
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
