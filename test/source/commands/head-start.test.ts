import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {type TestContext, test} from 'node:test';
import {formatAddress} from '../../../protocol/address.ts';
import {blockSize, digestOf, rootDigest} from '../../../protocol/block.ts';
import {encodeFrame, frameKinds} from '../../../protocol/frame.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {noise, startHarness, temporaryFolder} from '../../fixtures/harness.ts';
import {
  blockFrame,
  type HostileRequest,
  startHostileServer,
} from '../../fixtures/server/hostile-server.ts';
import {startLateGreeter} from '../../fixtures/server/late-greeter.ts';
import {runHere} from './run.ts';

for (const size of [5, blockSize, 9 * blockSize + 7]) {
  test(`a file of ${size} bytes is requested together with its entry, before the greeting`, async t => {
    const {serve, server, target} = await startHarness(t);
    const content = noise(size);
    serve('a', content);
    const address = await startLateGreeter(t, server.port, 2);
    const ran = await runHere(['sget', 'a', '-o', target, '-s', formatAddress(address)]);
    assert.equal(ran.status, 0, ran.stderr);
    assert.ok(readFileSync(path.join(target, 'a')).equals(content));
  });
}

test('a listing and a search are asked for before the greeting', async t => {
  const {serve, server, target} = await startHarness(t);
  serve('b/a', 'x');
  const address = formatAddress(await startLateGreeter(t, server.port, 1));
  const listed = await runHere(['list', 'b', '-s', address]);
  assert.deepEqual([listed.status, listed.stdout.trimEnd().slice(-1)], [0, 'a'], listed.stderr);
  const found = await runHere(['mget', 'nothing*', '--to', target, '-s', address]);
  assert.deepEqual([found.status, found.stderr.slice(0, 16)], [1, 'jangada: Nothing']);
  const environment = {JANGADA_STATE: temporaryFolder(t)};
  const added = await runHere(['queue', 'add', 'nothing*', '-s', address], {environment});
  assert.deepEqual([added.status, added.stderr.slice(0, 16)], [1, 'jangada: Nothing']);
});

test('a server that refuses ranges past the end of the file gets another request', async t => {
  const {asked, address} = await startOld(t);
  const folder = temporaryFolder(t);
  const ran = await runHere(['sget', 'a', '-o', folder, '-s', address]);
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(readFileSync(path.join(folder, 'a'), 'utf8'), 'old');
  assert.deepEqual(
    asked.map(({kind, body}) => [kind, body.clip]),
    [
      [frameKinds.stat, undefined],
      [frameKinds.get, true],
      [frameKinds.get, undefined],
    ],
  );
});

test('nothing is requested ahead if there is a local copy', async t => {
  const {asked, address} = await startOld(t);
  const folder = temporaryFolder(t);
  await runHere(['sget', 'a', '-o', folder, '-s', address]);
  asked.length = 0;
  const ran = await runHere(['cget', 'a', '-o', folder, '-s', address]);
  assert.equal(ran.status, 0, ran.stderr);
  assert.ok(!asked.some(({kind}) => kind === frameKinds.get));
});

/** A server with the file `a` that does not know `clip`. */
async function startOld(t: TestContext) {
  const asked: HostileRequest[] = [];
  const bytes = Buffer.from('old');
  const digest = digestOf('sha256', bytes);
  const root = rootDigest('sha256', digest).toString('hex');
  const version = 'v';
  const address = await startHostileServer(t, (socket, request) => {
    asked.push(request);
    const {kind, body} = request;
    const about = {size: bytes.length, mtimeMs: 0, version};
    if (kind === frameKinds.stat) {
      socket.write(encodeAnswer('entry', {name: 'a', type: 'file', ...about}));
    } else if (kind === frameKinds.get && body.clip === true) {
      socket.write(
        encodeAnswer('error', {code: 'bad_request', message: 'ends past the end of the file'}),
      );
    } else if (kind === frameKinds.get) {
      socket.write(encodeAnswer('file', about));
      socket.write(blockFrame(0, bytes));
      socket.write(encodeAnswer('end', {version, root}));
    } else {
      socket.write(encodeFrame(frameKinds.digests, digest));
      socket.write(encodeAnswer('end', {...about, root}));
    }
  });
  return {asked, address: formatAddress(address)};
}
