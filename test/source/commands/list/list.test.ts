import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdirSync, utimesSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import type {Entry} from '../../../../protocol/messages.ts';
import {inOrder} from '../../../../source/commands/list/in-order.ts';
import {startHarness} from '../../../fixtures/harness.ts';
import {listedIn} from '../../../fixtures/json-output.ts';
import {runHere} from '../run.ts';

test('a folder is listed with one entry per line, folders first, numbers in order', async t => {
  const {root, serve, server} = await startHarness(t);
  for (const name of ['f10', 'f9', 'b/x', 'a/x']) {
    serve(name, 'x'.repeat(1500));
  }

  for (const name of ['f10', 'f9', 'a', 'b']) {
    utimesSync(path.join(root, name), 0, new Date(2025, 0, 12, 14, 2));
  }

  const ran = await runHere(['list', '-s', server.address]);
  assert.deepEqual(ran, {
    status: 0,
    stderr: '',
    stdout: [
      'd            2025-01-12 14:02  a',
      'd            2025-01-12 14:02  b',
      '-    1.5 kB  2025-01-12 14:02  f9',
      '-    1.5 kB  2025-01-12 14:02  f10',
      '',
    ].join('\n'),
  });
});

test('a path is below the folder of the address, and may end in a slash', async t => {
  const {serve, server} = await startHarness(t);
  serve('a/b/c', 'x');
  for (const path of ['b', 'b/']) {
    const {stdout} = await runHere(['list', path, '-s', `${server.address}/a`]);
    assert.match(stdout, /^- .* c\n$/);
  }
});

test('a file is listed as itself', async t => {
  const {serve, server} = await startHarness(t);
  serve('a/b', 'x');
  const {stdout, status} = await runHere(['list', 'a/b', '-s', server.address]);
  assert.match(stdout, /^- {7}1 B {2}\S+ \S+ {2}b\n$/);
  assert.equal(status, 0);
});

test('the JSON of a listing is an array with the documented fields', async t => {
  const {root, serve, server} = await startHarness(t);
  serve('a\u001b[2J', 'x');
  mkdirSync(path.join(root, 'folder'));
  execFileSync('mkfifo', [path.join(root, 'pipe')]);
  writeFileSync(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9])]), '');
  const {stdout, status} = await runHere(['list', '--json', '-s', server.address]);
  assert.equal(status, 0);
  const entries = listedIn(stdout);
  assert.ok(Array.isArray(entries));
  assert.deepEqual(
    entries.map(({name, type, size}) => ({name, type, size})),
    [
      {name: 'folder', type: 'folder', size: 0},
      {name: 'a\u001b[2J', type: 'file', size: 1},
      {
        name: {base64: Buffer.from([0x63, 0x61, 0x66, 0xe9]).toString('base64')},
        type: 'file',
        size: 0,
      },
      {name: 'pipe', type: 'other', size: 0},
    ],
  );
  assert.deepEqual(Object.keys(entries[0]), ['name', 'type', 'size', 'mtimeMs']);
});

test('an empty folder is an empty array, and no lines', async t => {
  const {server} = await startHarness(t);
  const {stdout} = await runHere(['list', '--json', '-s', server.address]);
  assert.equal(stdout, '[]\n{"event":"end","outcome":"success","code":null,"status":0}\n');
  assert.equal((await runHere(['list', '-s', server.address])).stdout, '');
});

test('names cannot control the terminal', async t => {
  const {serve, server} = await startHarness(t);
  serve('x\u001b]52;c;aGk=\u0007\r\n\u202etxt', '');
  const {stdout} = await runHere(['list', '-s', server.address]);
  assert.ok(stdout.endsWith('  x\\x1b]52;c;aGk=\\x07\\x0d\\x0a\\u{202e}txt\n'));
});

test('a folder of more than 10,000 entries is listed whole', async t => {
  const {root, server} = await startHarness(t);
  for (let number = 0; number < 10_500; number++) {
    writeFileSync(path.join(root, `f${number}`), '');
  }

  const {stdout} = await runHere(['list', '-s', server.address]);
  const names = stdout.split('\n').map(line => line.slice(31));
  assert.equal(names.pop(), '');
  assert.equal(new Set(names).size, 10_500);
});

test('--sort orders by size or time, and equal entries by name; --reverse reverses the files behind the folders', async t => {
  const {root, serve, server} = await startHarness(t);
  const files = [
    ['b', 3, 2020],
    ['a', 3, 2022],
    ['c', 1, 2021],
    ['d10', 2, 2019],
    ['d9', 2, 2023],
  ] as const;
  for (const [name, size, year] of files) {
    serve(name, 'x'.repeat(size));
    utimesSync(path.join(root, name), 0, new Date(year, 0, 1));
  }

  serve('z/x', '');
  serve('y/x', '');
  for (const [folder, year] of [
    ['y', 2001],
    ['z', 2000],
  ] as const) {
    utimesSync(path.join(root, folder), 0, new Date(year, 0, 1));
  }

  for (const [options, names] of [
    ['', 'y z a b c d9 d10'],
    ['--reverse', 'z y d10 d9 c b a'],
    ['--sort name', 'y z a b c d9 d10'],
    ['--sort size', 'y z c d9 d10 a b'],
    ['--sort size --reverse', 'y z a b d9 d10 c'],
    ['--sort time', 'z y d10 b c a d9'],
    ['--sort=time --reverse', 'y z d9 a c b d10'],
  ] as const) {
    const words = ['list', '-s', server.address, ...options.split(' ').filter(Boolean)];
    const {stdout} = await runHere(words);
    assert.equal(
      stdout
        .trimEnd()
        .split('\n')
        .map(line => line.split(' ').at(-1))
        .join(' '),
      names,
      options,
    );
    const json = listedIn((await runHere([...words, '--json'])).stdout) as {name: string}[];
    assert.equal(json.map(({name}) => name).join(' '), names, options);
  }
});

for (const [options, count, first] of [
  [{written: {}, sort: 'name', reverse: false}, 10_001, 10_000],
  [{written: {sort: 'size'}, sort: 'size', reverse: false}, 10_001, 0],
] as const) {
  test(`of ${count} entries the first is ${first}, if --sort is ${options.written.sort}`, async () => {
    const printed: Entry[] = [];
    for await (const batch of inOrder(countdown(count), options)) {
      printed.push(...batch);
    }

    assert.equal(printed.length, count);
    assert.equal(printed[0]?.size, first);
  });
}

test('more than a million entries are not sorted', async () => {
  const options = {written: {}, sort: 'name', reverse: true} as const;
  await assert.rejects(
    async () => {
      for await (const _ of inOrder(countdown(1_001_000), options)) {
        assert.fail('nothing is printed');
      }
    },
    {code: 'too_large'},
  );
});

/** Files with sizes from `count` - 1 bytes down to 0, in batches of a thousand. */
async function* countdown(count: number): AsyncGenerator<Entry[]> {
  for (let left = count; left > 0; left -= 1000) {
    yield Array.from({length: Math.min(left, 1000)}, (_, index) => ({
      name: String(left - 1 - index),
      type: 'file' as const,
      size: left - 1 - index,
      mtimeMs: 0,
    }));
  }
}
