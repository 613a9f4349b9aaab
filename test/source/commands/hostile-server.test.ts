import assert from 'node:assert/strict';
import {existsSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {formatAddress} from '../../../protocol/address.ts';
import {encodeFrame, frameKinds} from '../../../protocol/frame.ts';
import {encodeAnswer} from '../../../protocol/messages.ts';
import {temporaryFolder, treeOf} from '../../fixtures/harness.ts';
import {startHostileServer} from '../../fixtures/server/hostile-server.ts';
import {runHere} from './run.ts';

const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** A server that lists `names`. Every file is empty. Search number n is cut after `cuts[n]` entries. */
async function liar(
  t: Parameters<typeof startHostileServer>[0],
  names: readonly string[],
  cuts: readonly number[] = [],
) {
  let finds = 0;
  const address = await startHostileServer(t, (socket, {kind}) => {
    if (kind === frameKinds.find || kind === frameKinds.list) {
      const cut = cuts[finds++];
      const entries = names
        .slice(0, cut)
        .map(name => ({name, type: 'file' as const, size: 0, mtimeMs: 0}));
      socket.write(encodeFrame(frameKinds.entries, JSON.stringify({entries})));
      if (cut !== undefined) {
        socket.end();
        return;
      }

      socket.write(encodeAnswer('end', {count: names.length, bytes: 0}));
    } else if (kind === frameKinds.get) {
      socket.write(encodeAnswer('file', {size: 0, mtimeMs: 0, version: 'v'}));
      socket.write(encodeAnswer('end', {size: 0, version: 'v', root: emptyHash}));
    } else {
      socket.write(encodeAnswer('end', {size: 0, version: 'v', root: emptyHash}));
    }
  });
  return formatAddress(address);
}

test('entries that match no mask are refused by name, and the others are fetched', async t => {
  const bad = ['../evil', '/evil', '', 'a/../../evil', 'x/evil.sh', 'evil.sh', './good.txt'];
  const address = await liar(t, [...bad, 'good.txt', 'good.txt', 'other.txt']);
  const folder = temporaryFolder(t);
  const target = path.join(folder, 'to');
  const ran = await runHere(['mget', '*.txt', '-o', target, '-s', address]);
  assert.equal(ran.status, 1);
  assert.deepEqual([...treeOf(folder).keys()].sort(), ['to/good.txt', 'to/other.txt']);
  assert.equal(existsSync(path.join(folder, 'evil')), false);
  const lines = ran.stderr.trimEnd().split('\n');
  assert.equal(lines.length, bad.length + 1);
  for (const name of bad) {
    assert.ok(
      lines.some(line => line.startsWith(`jangada: ${name}: the server named it`)),
      name,
    );
  }

  assert.ok(lines.includes('jangada: good.txt: the server named it twice'));
  assert.match(ran.stdout, /2 files, 0 B verified .*; 8 failed\n(failed {2}.*\n){8}$/);
});

test('a search whose connection is cut begins again, and every file is fetched once', async t => {
  const names = ['a', 'b', 'c', 'd', 'd'];
  const address = await liar(t, names, [0, 2, 3]);
  const target = path.join(temporaryFolder(t), 'to');
  const ran = await runHere(['mget', '*', '-o', target, '-s', address, '--retries', '3']);
  assert.deepEqual([...treeOf(target).keys()].sort(), ['a', 'b', 'c', 'd']);
  // Only a name that comes twice in one answer is refused.
  assert.match(ran.stderr, /^jangada: d: the server named it twice$/m);
  assert.match(ran.stdout, /4 files, .*; 1 failed\nfailed {2}.*\n$/);
});

test('a listing is shown without names that no folder can have', async t => {
  const address = await liar(t, ['..', 'a/b', '', '.', 'good\u001b[2J']);
  const ran = await runHere(['list', '-s', address]);
  assert.equal(ran.status, 1);
  assert.match(ran.stdout, /^- +0 B .* good\\x1b\[2J\n$/);
  assert.equal(ran.stderr.trimEnd().split('\n').length, 4);
});

test('times outside any calendar do no harm', async t => {
  const address = await startHostileServer(t, socket => {
    const entries = [{name: 'a', type: 'file', size: Number.MAX_SAFE_INTEGER, mtimeMs: 1e300}];
    socket.write(encodeFrame(frameKinds.entries, JSON.stringify({entries})));
    socket.write(encodeAnswer('end', {count: 1}));
  });
  const ran = await runHere(['list', '-s', formatAddress(address)]);
  assert.deepEqual(ran, {status: 0, stdout: '-   9.01 PB  ?                 a\n', stderr: ''});
});

test('words of a server cannot control the terminal', async t => {
  const address = await startHostileServer(t, socket => {
    socket.write(encodeAnswer('error', {code: 'forbidden', message: 'no\u001b]0;x\u0007\nreally'}));
  });
  const ran = await runHere(['list', '-s', formatAddress(address)]);
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /^jangada: .*no\\x1b\]0;x\\x07\\x0areally\n$/);
});

test('a program that is not a Jangada server is reported as such', async t => {
  const address = await startHostileServer(t, socket => {
    socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  const ran = await runHere(['hash', 'a', '-s', formatAddress(address)]);
  assert.ok(ran.status === 1 || ran.status === 3);
  assert.equal(ran.stderr.trimEnd().split('\n').length, 1);
});
