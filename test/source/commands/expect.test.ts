import assert from 'node:assert/strict';
import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {blockSize} from '../../../protocol/block.ts';
import {frameKinds} from '../../../protocol/frame.ts';
import {parseArguments} from '../../../source/commands/arguments/parse.ts';
import {continuation} from '../../../source/commands/continuation.ts';
import type {Job} from '../../../source/commands/job.ts';
import {noise, startHarness, temporaryFolder, treeOf} from '../../fixtures/harness.ts';
import {rootOf, startOtherContent} from '../../fixtures/server/other-content.ts';
import {runHere} from './run.ts';

const content = noise(2 * blockSize + 10);
const other = noise(2 * blockSize + 10, 7);

test('a file with the expected root digest arrives, by either algorithm', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', content);
  for (const algorithm of ['sha256', 'blake3'] as const) {
    const target = temporaryFolder(t);
    const words = ['sget', 'a', '-o', target, '-s', server.address];
    const ran = await runHere([...words, '--expect', rootOf(content, algorithm)]);
    assert.deepEqual(ran, {status: 0, stdout: 'a  2.1 MB  verified\n', stderr: ''});
    assert.deepEqual(treeOf(target), new Map([['a', content]]));
  }
});

test('an empty file has a root digest, too', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', '');
  const target = temporaryFolder(t);
  const words = ['sget', 'a', '-o', target, '-s', server.address];
  const wrong = await runHere([...words, '--expect', rootOf(content)]);
  assert.equal(wrong.status, 5);
  assert.deepEqual(treeOf(target), new Map());
  const right = await runHere([...words, '--expect', rootOf(Buffer.alloc(0))]);
  assert.equal(right.status, 0);
  assert.deepEqual([...treeOf(target).keys()], ['a']);
});

test('a server with another root digest gets no request for a block, and nothing is written', async t => {
  const {address, asked} = await startOtherContent(t, other);
  const target = path.join(temporaryFolder(t), 'to');
  const words = ['sget', 'a', '-o', target, '-s', address, '--expect', rootOf(content)];
  const ran = await runHere(words);
  assert.equal(ran.status, 5);
  assert.equal(ran.stdout, '');
  assert.equal(
    ran.stderr,
    `jangada: a: The server has ${rootOf(other)}, and ${rootOf(content)} was expected\n`,
  );
  assert.ok(!asked.includes(frameKinds.get));
  assert.deepEqual(treeOf(path.dirname(target)), new Map());
});

test('the JSON of an unexpected file has a code of its own', async t => {
  const {address} = await startOtherContent(t, other);
  const target = temporaryFolder(t);
  const words = ['sget', 'a', '-o', target, '-s', address, '--expect', rootOf(content), '--json'];
  const ran = await runHere(words);
  const [failed, end] = ran.stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.equal(failed.event, 'failed');
  assert.equal(failed.code, 'unexpected');
  assert.equal(end.outcome, 'difference');
  assert.equal(end.code, 'unexpected');
  assert.equal(end.status, 5);
  assert.equal(end.failed, 1);
});

test('if a server lists the expected digests but sends other blocks, none of them is written', async t => {
  const {address, asked} = await startOtherContent(t, other, {listed: content});
  const target = temporaryFolder(t);
  const words = ['sget', 'a', '-o', target, '-s', address, '--expect', rootOf(content)];
  const ran = await runHere(words);
  assert.equal(ran.status, 5);
  assert.match(ran.stderr, /^jangada: a: The server sends a block \d that does not match .*\n$/);
  assert.ok(asked.includes(frameKinds.get));
  assert.deepEqual(treeOf(target), new Map());
});

test('a server that reports a size that does not fit its list gets no request for a block', async t => {
  for (const size of [content.length + blockSize, blockSize, 0]) {
    const {address, asked} = await startOtherContent(t, content, {size});
    const target = temporaryFolder(t);
    const words = ['sget', 'a', '-o', target, '-s', address, '--expect', rootOf(content)];
    const ran = await runHere(words);
    assert.equal(ran.status, 5, String(size));
    assert.ok(!asked.includes(frameKinds.get));
    assert.deepEqual(treeOf(target), new Map());
  }
});

test('a server that cannot compute the algorithm of a root digest is not reported as lying', async t => {
  const {address, asked} = await startOtherContent(t, content);
  const target = temporaryFolder(t);
  const words = ['sget', 'a', '-o', target, '-s', address];
  const ran = await runHere([...words, '--expect', rootOf(content, 'blake3')]);
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /The server cannot compute blake3/);
  assert.ok(!asked.includes(frameKinds.get));
});

test('only missing and unexpected blocks of a partial file are fetched', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', content);
  const target = temporaryFolder(t);
  const partial = Buffer.concat([content.subarray(0, blockSize), other.subarray(0, blockSize)]);
  writeFileSync(path.join(target, 'a.jangada-part'), partial);
  const words = ['sget', 'a', '-o', target, '-s', server.address, '--json'];
  const ran = await runHere([...words, '--expect', rootOf(content)]);
  assert.equal(ran.status, 0);
  const events = ran.stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.equal(events.find(({event}) => event === 'done')?.reusedBytes, blockSize);
  assert.deepEqual(treeOf(target), new Map([['a', content]]));
});

test('an existing file at the place of an unexpected one is not changed', async t => {
  const {address} = await startOtherContent(t, other);
  const target = path.join(temporaryFolder(t), 'to');
  mkdirSync(target);
  writeFileSync(path.join(target, 'a'), 'mine');
  for (const policy of ['overwrite', 'resume', 'rename', 'newer']) {
    const words = ['sget', 'a', '-o', target, '-s', address, '--expect', rootOf(content)];
    const ran = await runHere([...words, '--on-conflict', policy]);
    assert.equal(ran.status, 5, policy);
    assert.deepEqual(treeOf(target), new Map([['a', Buffer.from('mine')]]));
  }

  assert.equal(existsSync(path.join(target, 'a.jangada-part')), false);
});

const sha256Of = (bytes: Uint8Array) =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

test('a file with the expected SHA-256 arrives, large, small or empty', async t => {
  const {serve, server} = await startHarness(t);
  for (const bytes of [content, content.subarray(0, 5), Buffer.alloc(0)]) {
    serve('a', bytes);
    const target = temporaryFolder(t);
    const words = ['sget', 'a', '-o', target, '-s', server.address, '--json'];
    const ran = await runHere([...words, '--expect', sha256Of(bytes)]);
    assert.equal(ran.status, 0);
    const events = ran.stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    const {sha256} = events.find(({event}) => event === 'done');
    assert.equal(`sha256:${sha256}`, sha256Of(bytes));
    assert.deepEqual(treeOf(target), new Map([['a', bytes]]));
  }
});

test('a file with another SHA-256 gets no final name, and its blocks count for the next attempt', async t => {
  const {address} = await startOtherContent(t, other);
  const target = temporaryFolder(t);
  const words = ['sget', 'a', '-o', target, '-s', address];
  const ran = await runHere([...words, '--expect', sha256Of(content)]);
  assert.equal(ran.status, 5);
  assert.equal(
    ran.stderr,
    `jangada: a: The server sends ${sha256Of(other)}, and ${sha256Of(content)} was expected. ` +
      'The received blocks are kept as a.jangada-part\n',
  );
  assert.deepEqual(treeOf(target), new Map([['a.jangada-part', other]]));
  const again = await startOtherContent(t, other);
  const right = ['sget', 'a', '-o', target, '-s', again.address, '--expect', sha256Of(other)];
  assert.equal((await runHere(right)).status, 0);
  assert.ok(!again.asked.includes(frameKinds.get));
  assert.deepEqual(treeOf(target), new Map([['a', other]]));
});

test('a file of at most one block with another SHA-256 is not written', async t => {
  for (const bytes of [other.subarray(0, blockSize), other.subarray(0, 5), Buffer.alloc(0)]) {
    const {address} = await startOtherContent(t, bytes);
    const target = temporaryFolder(t);
    const words = ['sget', 'a', '-o', target, '-s', address];
    const ran = await runHere([...words, '--expect', sha256Of(content)]);
    assert.equal(ran.status, 5);
    assert.equal(
      ran.stderr,
      `jangada: a: The server sends ${sha256Of(bytes)}, and ${sha256Of(content)} was expected\n`,
    );
    assert.deepEqual(treeOf(target), new Map());
  }
});

test('remembered digests of a partial file count only if they are in the expected list', async t => {
  const half = Buffer.concat([content.subarray(0, blockSize), other.subarray(blockSize)]);
  const first = await startOtherContent(t, half);
  const target = temporaryFolder(t);
  const words = ['sget', 'a', '-o', target, '--json'];
  const sha256 = sha256Of(content);
  assert.equal((await runHere([...words, '-s', first.address, '--expect', sha256])).status, 5);
  // The server reports the same version for this other content.
  const second = await startOtherContent(t, content);
  const ran = await runHere([...words, '-s', second.address, '--expect', rootOf(content)]);
  assert.equal(ran.status, 0);
  const events = ran.stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.equal(events.find(({event}) => event === 'done')?.reusedBytes, blockSize);
  assert.equal(second.asked.filter(kind => kind === frameKinds.get).length, 1);
  assert.deepEqual(treeOf(target), new Map([['a', content]]));
});

test('a file to be replaced stays if the new one is not the expected one', async t => {
  const {address} = await startOtherContent(t, other);
  const target = temporaryFolder(t);
  writeFileSync(path.join(target, 'a'), 'mine');
  const words = ['sget', 'a', '-o', target, '-s', address, '--on-conflict', 'overwrite'];
  assert.equal((await runHere([...words, '--expect', sha256Of(content)])).status, 5);
  assert.deepEqual(treeOf(target).get('a'), Buffer.from('mine'));
});

test('an existing file with the expected content stays, whatever the server has', async t => {
  for (const expected of [sha256Of(content), rootOf(content), rootOf(content, 'blake3')]) {
    const {address, asked} = await startOtherContent(t, other);
    const target = temporaryFolder(t);
    writeFileSync(path.join(target, 'a'), content);
    const list = path.join(target, 'list');
    const words = ['cget', 'a', '-o', target, '-s', address, '--checksums', list];
    const ran = await runHere([...words, '--expect', expected]);
    assert.deepEqual(ran, {
      status: 0,
      stdout: 'a  2.1 MB  verified (2.1 MB reused)\n',
      stderr: '',
    });
    assert.ok(!asked.includes(frameKinds.get));
    assert.deepEqual(treeOf(target).get('a'), content);
    assert.equal(treeOf(target).get('list')?.toString(), `${sha256Of(content).slice(7)}  a\n`);
  }
});

test('a file that is the same as on the server must have the expected content, too', async t => {
  for (const bytes of [other, other.subarray(0, 5)]) {
    const {address, asked} = await startOtherContent(t, bytes);
    const target = temporaryFolder(t);
    const file = path.join(target, 'a');
    writeFileSync(file, bytes);
    const {mtimeMs} = statSync(file);
    const words = ['cget', 'a', '-o', target, '-s', address, '--expect', sha256Of(content)];
    const ran = await runHere(words);
    assert.equal(ran.status, 5);
    assert.equal(
      ran.stderr,
      `jangada: a: The file here is the same as on the server: both have ${sha256Of(bytes)}, ` +
        `and ${sha256Of(content)} was expected\n`,
    );
    assert.ok(!asked.includes(frameKinds.get));
    assert.deepEqual(treeOf(target), new Map([['a', bytes]]));
    assert.equal(statSync(file).mtimeMs, mtimeMs);
  }
});

test('a damaged existing file is repaired to the expected content', async t => {
  const {serve, server} = await startHarness(t);
  serve('a', content);
  const damaged = Buffer.from(content);
  damaged.fill(0, 10, 20);
  for (const expected of [sha256Of(content), rootOf(content), rootOf(content, 'blake3')]) {
    const target = temporaryFolder(t);
    writeFileSync(path.join(target, 'a'), damaged);
    const words = ['cget', 'a', '-o', target, '-s', server.address, '--expect', expected];
    const ran = await runHere(words);
    assert.equal(ran.status, 0);
    assert.match(ran.stdout, /^a {2}2\.1 MB {2}verified \(1\.05 MB reused\)\n$/);
    assert.deepEqual(treeOf(target), new Map([['a', content]]));
  }
});

test("another tool's file is not adopted if the server has another root digest", async t => {
  const {address} = await startOtherContent(t, other);
  const target = temporaryFolder(t);
  const left = path.join(target, 'left.part');
  writeFileSync(left, content.subarray(0, blockSize));
  const words = ['cget', 'a', '-o', target, '-s', address, '--from', left];
  assert.equal((await runHere([...words, '--expect', rootOf(content)])).status, 5);
  assert.deepEqual([...treeOf(target).keys()], ['left.part']);
});

test('blocks of a seed count if they are in the expected list', async t => {
  const {address, asked} = await startOtherContent(t, other, {listed: content});
  const target = temporaryFolder(t);
  const seed = path.join(temporaryFolder(t), 'seed');
  writeFileSync(seed, content);
  const words = ['sget', 'a', '-o', target, '-s', address, '--seed', seed];
  const ran = await runHere([...words, '--expect', rootOf(content)]);
  assert.equal(ran.status, 0, ran.stderr);
  assert.ok(!asked.includes(frameKinds.get));
  assert.deepEqual(treeOf(target), new Map([['a', content]]));
});

test('blocks that always arrive damaged are unexpected content', async t => {
  const {address} = await startOtherContent(t, other, {listed: content, digested: content});
  const target = temporaryFolder(t);
  const words = ['sget', 'a', '-o', target, '-s', address, '--expect', rootOf(content)];
  const ran = await runHere(words);
  assert.equal(ran.status, 5);
  assert.match(
    ran.stderr,
    /^jangada: a: The server sends, again and again, blocks that do not match/,
  );
  assert.deepEqual(treeOf(target), new Map());
});

test('the command to continue with has the expected content', async () => {
  const run = parseArguments(['cget', 'a', '--expect', sha256Of(content)], {});
  assert.ok(run.do === 'run');
  // `continuation` uses only these fields of a job.
  const job = {inputs: run.inputs, options: run.options} as unknown as Job;
  assert.equal(
    continuation(job, {command: 'cget'}),
    `jangada cget --expect ${sha256Of(content)} a`,
  );
});

test('the command to continue with has the seed as it was typed, if it is there', async t => {
  const {HOME} = process.env;
  const home = temporaryFolder(t);
  process.env.HOME = home;
  t.after(() => {
    process.env.HOME = HOME;
  });
  writeFileSync(path.join(home, 'old'), 'x');
  for (const [name, left] of [
    ['~/old', "--seed '~/old' "],
    ['~/gone', ''],
  ]) {
    const run = parseArguments(['sget', 'a', `--seed=${name}`], {});
    assert.ok(run.do === 'run');
    // `continuation` uses only these fields of a job.
    const job = {inputs: run.inputs, options: run.options} as unknown as Job;
    assert.equal(continuation(job, {command: 'sget'}), `jangada sget ${left}a`);
  }
});

test('verify says whether the copy has the expected content', async t => {
  const {serve, server} = await startHarness(t);
  serve('boat', content);
  const target = temporaryFolder(t);
  const words = ['verify', 'boat', '-o', target, '-s', server.address];
  writeFileSync(path.join(target, 'boat'), content);
  for (const expected of [sha256Of(content), rootOf(content), rootOf(content, 'blake3')]) {
    const ran = await runHere([...words, '--expect', expected]);
    assert.deepEqual(ran, {status: 0, stdout: 'boat: verified, 3 blocks\n', stderr: ''});
  }

  const same = await runHere([...words, '--expect', sha256Of(other)]);
  assert.deepEqual(same, {
    status: 5,
    stdout: `boat: the same as on the server, with ${sha256Of(content)}, and ${sha256Of(other)} was expected\n`,
    stderr: '',
  });
  const root = await runHere([...words, '--expect', rootOf(other)]);
  assert.deepEqual(root, {
    status: 5,
    stdout: '',
    stderr:
      `jangada: boat: The server has ${rootOf(content)}, and ${rootOf(other)} was expected. ` +
      'The local copy does not have the expected content either\n',
  });
  writeFileSync(path.join(target, 'boat'), other);
  for (const expected of [sha256Of(content), rootOf(content)]) {
    const ran = await runHere([...words, '--expect', expected, '--json']);
    assert.equal(ran.status, 5);
    const [report] = JSON.parse(ran.stdout.split('\n').slice(0, -2).join('\n'));
    assert.equal(report.equal, false);
    assert.equal(report.expected, false);
    const repaired = await runHere([...words, '--expect', expected, '--repair']);
    assert.equal(repaired.status, 0);
    assert.deepEqual(treeOf(target), new Map([['boat', content]]));
    writeFileSync(path.join(target, 'boat'), other);
  }
});

test('verify never repairs a copy with the expected content', async t => {
  const {address, asked} = await startOtherContent(t, other);
  const target = temporaryFolder(t);
  writeFileSync(path.join(target, 'a'), content);
  const words = ['verify', 'a', '-o', target, '-s', address, '--repair'];
  const ran = await runHere([...words, '--expect', sha256Of(content)]);
  assert.equal(ran.status, 5);
  assert.match(ran.stdout, /^a: differs, 3 of 3 blocks bad .*; the copy has the expected sha256:/);
  const root = await runHere([...words, '--expect', rootOf(content)]);
  assert.equal(root.status, 5);
  assert.match(root.stderr, /The local copy has the expected content\n$/);
  assert.ok(!asked.includes(frameKinds.get));
  assert.deepEqual(treeOf(target), new Map([['a', content]]));
});

test('an expected content has one of two forms, and belongs to one file', async () => {
  const hex = 'a'.repeat(64);
  for (const expected of [hex, `sha1:${hex}`, `root:${hex}`, `root:sha1:${hex}`, 'sha256:abc']) {
    await assert.rejects(runHere(['sget', 'a', '--expect', expected]), {
      code: 'usage',
      message: new RegExp(`^Invalid value '${expected}' for --expect: use sha256:HEX or `),
    });
  }

  for (const words of [
    ['verify', 'a', 'b'],
    ['verify', '--checksums', '/nowhere'],
  ]) {
    const ran = await runHere([...words, '--expect', `SHA256:${hex}`, '-s', '127.0.0.1:1']);
    assert.equal(ran.status, 2);
  }
});
