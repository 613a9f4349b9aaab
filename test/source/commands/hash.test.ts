import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {splitLength} from '../../../source/commands/hash.ts';
import {noise, startHarness, temporaryFolder} from '../../fixtures/harness.ts';
import {rootOf} from '../../fixtures/server/other-content.ts';
import {runHere} from './run.ts';

const content = noise(2_500_000);
const digestOf = (bytes: Uint8Array, algorithm = 'sha256') =>
  createHash(algorithm).update(bytes).digest('hex');

test('digits after the last colon are a length, and a further colon prevents this', () => {
  for (const [input, name, length] of [
    ['a', 'a', undefined],
    ['a:10', 'a', 10],
    ['a:0', 'a', 0],
    ['a:10:', 'a:10', undefined],
    ['a:10:5', 'a:10', 5],
    ['a:b', 'a:b', undefined],
    ['a::', 'a:', undefined],
    ['a:-1', 'a:-1', undefined],
    ['a\n:3', 'a\n', 3],
  ] as const) {
    assert.deepEqual(splitLength(input), {name, length}, input);
  }

  assert.throws(() => splitLength('a:9007199254740993'), {code: 'usage'});
});

test('the digest and the name are printed, of all bytes or of the first ones', async t => {
  const {serve, server} = await startHarness(t);
  serve('a b', content);
  serve('x:10', 'y');
  for (const [words, line] of [
    [['a b'], `${digestOf(content)}  a b\n`],
    [['a b:1500000'], `${digestOf(content.subarray(0, 1_500_000))}  a b\n`],
    [['a b:0'], `${digestOf(Buffer.alloc(0))}  a b\n`],
    [['a b', '--algorithm', 'sha1'], `${digestOf(content, 'sha1')}  a b\n`],
    [['x:10:'], `${digestOf(Buffer.from('y'))}  x:10\n`],
  ] as const) {
    const ran = await runHere(['hash', ...words, '-s', server.address]);
    assert.deepEqual(ran, {status: 0, stdout: line, stderr: ''});
  }
});

test('a file that is shorter than the length is hashed whole, with a remark', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', 'abc');
  const ran = await runHere(['hash', 'a:10', '-s', server.address]);
  assert.equal(ran.stdout, `${digestOf(Buffer.from('abc'))}  a\n`);
  assert.match(ran.stderr, /a has 3 bytes only/);
  assert.equal(ran.status, 0);
});

test('a local file is compared by all bytes, or by the requested length', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', content);
  const folder = temporaryFolder(t);
  const [same, longer, other] = ['same', 'longer', 'other'].map(name => path.join(folder, name));
  assert.ok(same !== undefined && longer !== undefined && other !== undefined);
  writeFileSync(same, content);
  writeFileSync(longer, Buffer.concat([content, Buffer.from('x')]));
  writeFileSync(other, noise(2_500_000, 7));
  for (const [input, local, status] of [
    ['a', same, 0],
    ['a', longer, 5],
    ['a:2500000', longer, 0],
    ['a:2500001', longer, 5],
    ['a', other, 5],
    ['a:1', other, 5],
    ['a:0', other, 0],
  ] as const) {
    const ran = await runHere(['hash', input, '--compare', local, '-s', server.address]);
    assert.equal(ran.status, status, `${input} ${local}: ${ran.stdout}`);
    assert.match(ran.stdout, status === 0 ? /^a: equal to .*\n$/ : /^a: differs from .*\n$/);
  }

  const quiet = await runHere(['hash', 'a', '--compare', other, '--quiet', '-s', server.address]);
  assert.deepEqual(quiet, {status: 5, stdout: '', stderr: ''});
});

test('a missing local file fails, and the error has its name', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', content);
  const ran = await runHere(['hash', 'a', '--compare', '/nowhere/b', '-s', server.address]);
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /^jangada: \/nowhere\/b: .*\n$/);
});

test('the JSON of a hash has the documented fields', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', 'abcdef');
  const folder = temporaryFolder(t);
  const local = path.join(folder, 'a');
  writeFileSync(local, 'abx');
  const plain = await runHere(['hash', 'a:3', '--json', '-s', server.address]);
  const there = digestOf(Buffer.from('abc'));
  const document = {path: 'a', algorithm: 'sha256', digest: there, length: 3, size: 6};
  assert.deepEqual(JSON.parse(plain.stdout), {
    ...document,
    event: 'end',
    outcome: 'success',
    code: null,
    status: 0,
  });
  const compared = await runHere([
    'hash',
    'a:3',
    '--json',
    '--compare',
    local,
    '-s',
    server.address,
  ]);
  assert.equal(compared.status, 5);
  const {message, ...end} = JSON.parse(compared.stdout);
  assert.match(message, /^a: differs from .* of 3 bytes\)$/);
  assert.deepEqual(end, {
    ...{...document, event: 'end', outcome: 'difference', code: 'differs', status: 5},
    local: {file: local, digest: digestOf(Buffer.from('abx')), length: 3},
    equal: false,
  });
});

test('with --root the root digest is printed in the form of --expect', async t => {
  const {serve, server} = await startHarness(t);
  serve('a b', content);
  const words = ['hash', '--root', 'a b', '-s', server.address];
  for (const [more, root] of [
    [[], rootOf(content, 'blake3')],
    [['--algorithm', 'blake3'], rootOf(content, 'blake3')],
    [['--algorithm', 'sha256'], rootOf(content)],
  ] as const) {
    const ran = await runHere([...words, ...more]);
    assert.deepEqual(ran, {status: 0, stdout: `${root}  a b\n`, stderr: ''});
  }

  const json = await runHere([...words, '--json']);
  assert.deepEqual(JSON.parse(json.stdout), {
    ...{event: 'end', outcome: 'success', code: null, status: 0},
    ...{path: 'a b', algorithm: 'blake3', root: rootOf(content, 'blake3'), size: content.length},
  });
});

test('with --root a local file is compared as a whole', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', content);
  const local = path.join(temporaryFolder(t), 'local');
  const words = ['hash', '--root', 'a', '--compare', local, '-s', server.address];
  writeFileSync(local, content);
  const same = await runHere(words);
  assert.equal(same.status, 0);
  assert.match(same.stdout, /^a: equal to .*local, 2500000 bytes, root:blake3:[0-9a-f]{64}\n$/);
  writeFileSync(local, content.subarray(1));
  const differs = await runHere(words);
  assert.equal(differs.status, 5);
  assert.match(
    differs.stdout,
    /^a: differs from .*local \(there root:.* of 2500000 bytes, here root:/,
  );
});

test('a root digest covers a whole file, and needs an algorithm of block digests', async () => {
  for (const words of [
    ['a:10', '--root'],
    ['a', '--root', '--algorithm', 'sha1'],
  ]) {
    const ran = await runHere(['hash', ...words, '-s', '127.0.0.1:1']);
    assert.equal(ran.status, 2);
  }
});
