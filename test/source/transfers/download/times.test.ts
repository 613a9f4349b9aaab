import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {closeSync, mkdirSync, openSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {setTime} from '../../../../source/transfers/disk/file-time.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {noise, startHarness} from '../../../fixtures/harness.ts';

/** In microseconds since 1970. */
const times: ReadonlyArray<[string, bigint]> = [
  ['a second before 1970', -1_000_000n],
  ['a second and a half before 1970', -1_500_000n],
  ['a microsecond before 1970', -1n],
  ['1969, to the microsecond', -14_182_916_123_457n],
  ['1901', -2_147_483_648_000_000n],
  ['1970 itself', 0n],
  ['a time of which the nearest number is too low', 1_764_371_825_123_457n],
  ['the last microsecond of a second', 1_764_371_825_999_999n],
  ['2040', 2_208_988_800_250_000n],
  ['2400', 13_569_465_600_500_000n],
];

const sizes = [
  ['a small file', 5],
  ['a file of several blocks', 2 * blockSize + 5],
] as const;

function microsecondsOf(file: string): bigint {
  const {mtimeNs} = statSync(file, {bigint: true});
  return (mtimeNs - (((mtimeNs % 1000n) + 1000n) % 1000n)) / 1000n;
}

function setMicroseconds(file: string, microseconds: bigint): void {
  const fd = openSync(file, 'r+');
  setTime(fd, Number(microseconds) / 1000);
  closeSync(fd);
  assert.equal(microsecondsOf(file), microseconds);
}

for (const [what, size] of sizes) {
  test(`${what} arrives with its time, before 1970 and in the far future, to the microsecond`, async t => {
    const {root, target, serve, download} = await startHarness(t);
    for (const [index, [, microseconds]] of times.entries()) {
      serve(`f${index}`, noise(size));
      setMicroseconds(join(root, `f${index}`), microseconds);
    }

    await download(
      times.map((_, index) => `f${index}`),
      {sizes: true},
    );
    for (const [index, [when, microseconds]] of times.entries()) {
      assert.equal(microsecondsOf(join(target, `f${index}`)), microseconds, when);
    }
  });

  test(`resume gives ${what} that is complete the time of the remote file`, async t => {
    const {root, target, serve, download} = await startHarness(t);
    mkdirSync(target);
    for (const [index, [, microseconds]] of times.entries()) {
      serve(`f${index}`, noise(size));
      setMicroseconds(join(root, `f${index}`), microseconds);
      writeFileSync(join(target, `f${index}`), noise(size));
    }

    const rows = await download(
      times.map((_, index) => `f${index}`),
      {sizes: true, onConflict: 'resume'},
    );
    for (const [index, [when, microseconds]] of times.entries()) {
      assert.equal(rows[index]?.reusedBytes, size);
      assert.equal(microsecondsOf(join(target, `f${index}`)), microseconds, when);
    }
  });
}

test('a time with a finer resolution is cut to the microsecond', {
  skip: process.platform === 'linux' ? false : 'touch of GNU is needed',
}, async t => {
  const {root, target, serve, download} = await startHarness(t);
  const times = ['1764371825.123456999', '-1.000000001', '1764371825.000000999'];
  for (const [index, seconds] of times.entries()) {
    serve(`f${index}`, 'x');
    execFileSync('touch', ['-d', `@${seconds}`, join(root, `f${index}`)]);
  }

  await download(['f0', 'f1', 'f2'], {sizes: true});
  assert.deepEqual(
    ['f0', 'f1', 'f2'].map(name => microsecondsOf(join(target, name))),
    [1_764_371_825_123_456n, -1_000_001n, 1_764_371_825_000_000n],
  );
});

/** From now on the disk stores no time after 2100, like a file system with few bits for times. */
function endTimesWith2100(t: TestContext): void {
  const {futimesSync} = disk;
  t.mock.method(disk, 'futimesSync', (fd: number, access: number, seconds: number) => {
    futimesSync(fd, access, Math.min(seconds, 4_102_444_800));
  });
}

for (const [what, size] of sizes) {
  test(`a time that the disk cannot store is reported once, and ${what} is still verified`, async t => {
    endTimesWith2100(t);
    const {root, target, serve, queue, download} = await startHarness(t);
    const names = ['a', 'b', 'c'];
    for (const name of names) {
      serve(name, noise(size));
      utimesSync(join(root, name), 7_258_118_400, 7_258_118_400);
    }

    const notices: string[] = [];
    queue.onNotice(text => notices.push(text));
    const rows = await download(names, {sizes: true});
    assert.ok(rows.every(({state}) => state.name === 'done' && state.outcome === 'verified'));
    assert.equal(notices.length, 1);
    assert.match(
      notices[0] ?? '',
      /has the time 2100-01-01 00:00:00\.000 UTC instead of 2200-01-01 00:00:00\.000 UTC: the disk cannot store that time/,
    );
    assert.ok(notices[0]?.startsWith(target));
  });
}

test('a disk that cannot store times fails no file, and this is reported once', async t => {
  t.mock.method(disk, 'futimesSync', () => {
    throw Object.assign(new Error('EPERM'), {code: 'EPERM'});
  });
  const {root, serve, queue, download} = await startHarness(t);
  for (const [name, size] of [
    ['small', 1],
    ['large', 2 * blockSize],
  ] as const) {
    serve(name, noise(size));
    utimesSync(join(root, name), 1_500_000_000, 1_500_000_000);
  }

  const notices: string[] = [];
  queue.onNotice(text => notices.push(text));
  const rows = await download(['small', 'large'], {sizes: true});
  assert.deepEqual(
    rows.map(({state}) => state.name),
    ['done', 'done'],
  );
  assert.equal(notices.length, 1);
  assert.match(
    notices[0] ?? '',
    /instead of 2017-07-14 02:40:00\.000 UTC: times cannot be set there/,
  );
});

for (const [what, size] of sizes) {
  test(`${what} that is complete fails if its time cannot be written, with its name and the reason`, async t => {
    const {root, target, serve, download} = await startHarness(t);
    serve('a', noise(size));
    mkdirSync(target);
    writeFileSync(join(target, 'a'), noise(size));
    utimesSync(join(root, 'a'), 1_500_000_000, 1_500_000_000);
    t.mock.method(disk, 'futimesSync', () => {
      throw Object.assign(new Error('EIO'), {code: 'EIO'});
    });
    const [row] = await download(['a'], {sizes: true, onConflict: 'resume'});
    const reason = `${join(target, 'a')}: the disk reports an error`;
    assert.deepEqual(row?.state, {name: 'failed', code: 'local_io', reason});
  });
}

test('a complete small file gets its time later if no descriptor is free', async t => {
  const {root, target, serve, download} = await startHarness(t);
  serve('a', noise(5));
  mkdirSync(target);
  writeFileSync(join(target, 'a'), noise(5));
  utimesSync(join(root, 'a'), 1_500_000_000, 1_500_000_000);
  const {futimesSync} = disk;
  let calls = 0;
  t.mock.method(disk, 'futimesSync', (...given: Parameters<typeof futimesSync>) => {
    if (++calls === 1) {
      throw Object.assign(new Error('EMFILE'), {code: 'EMFILE'});
    }

    futimesSync(...given);
  });
  const [row] = await download(['a'], {sizes: true, onConflict: 'resume'});
  assert.deepEqual(row?.state, {name: 'done', outcome: 'verified'});
  assert.equal(row?.reusedBytes, 5);
  assert.equal(statSync(join(target, 'a')).mtimeMs, 1_500_000_000_000);
  assert.equal(calls, 2);
});
