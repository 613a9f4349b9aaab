import assert from 'node:assert/strict';
import {existsSync, readFileSync, statSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {parseAddress} from '../../../protocol/address.ts';
import {startServer} from '../../../server/server.ts';
import {noise, startHarness, temporaryFolder, until} from '../../fixtures/harness.ts';
import {startHostileServer} from '../../fixtures/hostile-server.ts';
import {runHere, runProgram, start} from './run.ts';

const content = noise(6_000_000);

test('an interrupted download keeps its partial and says how to go on', async t => {
  const {serve, server, target} = await startHarness(t, {server: {limit: 2_000_000}});
  serve('a b', content);
  const partial = path.join(target, 'a b.jangada-part');
  const {child, ended} = start(['sget', 'a b', '-o', target], {JANGADA_SERVER: server.address});
  await until(() => existsSync(partial) && statSync(partial).size >= 1_048_576);
  child.kill('SIGINT');
  const ran = await ended;
  assert.equal(ran.status, 130);
  assert.equal(ran.stdout, '');
  const command = `jangada cget --to ${target} 'a b'`;
  assert.ok(ran.stderr.endsWith(`What has arrived is kept; to go on: ${command}\n`), ran.stderr);
  assert.ok(existsSync(partial));

  const again = await runHere(['cget', 'a b', '-o', target, '-s', server.address]);
  assert.match(again.stdout, /^a b {2}6 MB {2}verified \(.* reused\)\n$/);
  assert.ok(readFileSync(path.join(target, 'a b')).equals(content));
});

test('every command ends on an interruption, whatever the server does', async t => {
  // Greets, and then says nothing.
  let asked = 0;
  const {host, port} = await startHostileServer(t, () => {
    asked++;
  });
  const target = temporaryFolder(t);
  for (const words of [
    ['list'],
    ['hash', 'a'],
    ['sget', 'a', '-o', target],
    ['mget', '*', '-o', target],
  ]) {
    const {child, ran, ended} = start([...words, '-s', `${host}:${port}`], {JANGADA_DEBUG: ''});
    const before = asked;
    await until(() => asked > before);
    child.kill('SIGINT');
    const {status} = await ended;
    assert.equal(status, 130, `${words.join(' ')}: ${ran.stderr}`);
  }
});

test('a server that is gone for good ends the download with 3, and what has come is kept', async t => {
  const {root, serve, target, server} = await startHarness(t, {server: {limit: 2_000_000}});
  serve('a', content);
  serve('b', content);
  const words = ['mget', '*', '-o', target, '-s', server.address, '--retries', '0'];
  const {ran, ended} = start(words);
  const partial = path.join(target, 'a.jangada-part');
  const other = path.join(target, 'b.jangada-part');
  await until(() => existsSync(partial) || existsSync(other));
  await server.close({graceMs: 0});
  const {status} = await ended;
  assert.equal(status, 3, ran.stderr);
  assert.match(ran.stderr, /^jangada: [ab]: /);

  const next = await startServer({root, port: 0});
  t.after(() => next.close({graceMs: 0}));
  const again = await runProgram([
    ...['mget', '*', '-o', target, '-s', next.address, '--on-conflict', 'resume'],
  ]);
  assert.equal(again.status, 0, again.stderr);
  assert.ok(readFileSync(path.join(target, 'b')).equals(content));
});

test('a server that comes back within the retries is waited for', async t => {
  const {root, serve, target, server} = await startHarness(t, {server: {limit: 2_000_000}});
  serve('a', content);
  const {ran, ended} = start(['sget', 'a', '-o', target, '-s', server.address]);
  await until(() => existsSync(path.join(target, 'a.jangada-part')));
  await server.close({graceMs: 0});
  const {port} = parseAddress(server.address);
  const next = await startServer({root, port});
  t.after(() => next.close({graceMs: 0}));
  const {status} = await ended;
  assert.equal(status, 0, ran.stderr);
  assert.ok(readFileSync(path.join(target, 'a')).equals(content));
});

test('whoever stops reading a listing ends it quietly', async t => {
  const {serve, server} = await startHarness(t);
  for (let number = 0; number < 3000; number++) {
    serve(`file ${number}`, '');
  }

  const {child, ended} = start(['list', '-s', server.address]);
  child.stdout.destroy();
  const {status, stderr} = await ended;
  assert.deepEqual({status, stderr}, {status: 0, stderr: ''});
});
