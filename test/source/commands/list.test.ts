import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdirSync, utimesSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {startHarness} from '../../fixtures/harness.ts';
import {listedIn} from '../../fixtures/json-output.ts';
import {runHere} from './run.ts';

test('a folder is listed one entry a line, folders first, numbers in order', async t => {
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

test('the JSON of a listing is one array with the documented fields', async t => {
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

test('an empty folder is an empty array, and no line', async t => {
  const {server} = await startHarness(t);
  const {stdout} = await runHere(['list', '--json', '-s', server.address]);
  assert.equal(stdout, '[]\n{"event":"end","outcome":"success","code":null,"status":0}\n');
  assert.equal((await runHere(['list', '-s', server.address])).stdout, '');
});

test('names cannot drive the terminal', async t => {
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
