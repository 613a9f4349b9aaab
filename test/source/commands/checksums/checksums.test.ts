import assert from 'node:assert/strict';
import {existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {noise, startHarness, until} from '../../../fixtures/harness.ts';
import {sha256sum} from '../../../fixtures/sha256sum.ts';
import {runHere, start} from '../run.ts';
import {
  assertRight,
  digestOf,
  events,
  flip,
  lineOf,
  linesOf,
  part,
  place,
  timeout,
} from './checksum-place.ts';

test('sha256sum checks the list of a tree with odd names', {timeout}, async t => {
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

test('a large file over four connections gets the right line', {
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

test('a continued partial file, with its holes, is hashed as a whole', {timeout}, async t => {
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

test('a file with blocks copied from another file is hashed as a whole', {
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

test('a file that is already complete gets its line, too, and a skipped file gets none', async t => {
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

test('without the option no file is hashed, and no event has a checksum', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('a', 'a');
  serve('b', noise(2 * blockSize));
  const ran = await runHere(['mget', '*', '--json', '-o', target, '-s', server.address]);
  const done = events(ran).filter(({event}) => event === 'done');
  assert.equal(done.length, 2);
  assert.ok(done.every(event => !('sha256' in event)));
});

for (const how of ['overwrite', 'rename', 'newer'] as const) {
  test(`a file that is saved with ${how} has a line with its local name`, async t => {
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

test('a file that is replaced while it is sent has the checksum of the received content', {
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

test('an interruption keeps the existing lines, and continuing adds the others', {
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

test('queue run writes absolute names, also for transfers to several folders', {
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
  // The larger file can arrive first.
  const small = events(ran).find(({event, path}) => event === 'done' && path === 'a/b');
  assert.equal(small?.sha256, digestOf('b'));
  assertRight(t, '/', list, 2);
});
