import assert from 'node:assert/strict';
import {hash} from 'node:crypto';
import {existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {blockSize} from '../../../protocol/block.ts';
import {type ErrorCode, isJangadaError} from '../../../protocol/errors.ts';
import {
  Client,
  type DownloadProgress,
  download,
  parseAddress,
  Queue,
} from '../../../source/index.ts';
import {noise, temporaryFolder, until} from '../../fixtures/harness.ts';
import {startMetered} from '../../fixtures/metered.ts';
import {stateOfItsOwn} from '../../fixtures/own-state.ts';
import {rootOf, startOtherContent} from '../../fixtures/server/other-content.ts';

stateOfItsOwn();

const content = noise(4 * blockSize + 10);

const failsWith =
  (code: ErrorCode, message = /./) =>
  (error: unknown) =>
    isJangadaError(error, code) && message.test(error.message);

async function startServing(t: TestContext, options: {limit?: number} = {}) {
  const metered = await startMetered(t, options);
  metered.serve('a/big.bin', content);
  const local = join(metered.target, 'big.bin');
  const blocks = () => [...(metered.meter.take().whole.get('a/big.bin')?.keys() ?? [])].sort();
  return {...metered, local, blocks, remote: `${metered.address}/a/big.bin`};
}

test('one call saves one file, and returns what it is and where', async t => {
  const {remote, local, target} = await startServing(t);
  const {root, ...rest} = await download(remote, local, {checksums: true});
  assert.deepEqual(readFileSync(local), content);
  assert.deepEqual(readdirSync(target), ['big.bin']);
  assert.deepEqual(rest, {
    ...{file: local, outcome: 'fetched', bytes: content.length, fetchedBytes: content.length},
    sha256: hash('sha256', content),
  });
  const again = await download(remote, local, {expect: root});
  assert.deepEqual([again.outcome, again.fetchedBytes, again.root], ['here', 0, root]);
});

test('an existing file is compared, and only blocks that differ are fetched', async t => {
  const {remote, local, blocks, target} = await startServing(t);
  mkdirSync(target);
  const other = Buffer.from(content);
  other[2 * blockSize + 5] = (other[2 * blockSize + 5] ?? 0) ^ 1;
  writeFileSync(local, other);
  const {outcome, fetchedBytes} = await download(remote, local);
  assert.deepEqual([outcome, fetchedBytes, blocks()], ['fetched', blockSize, [2]]);
  assert.deepEqual(readFileSync(local), content);
  assert.equal((await download(remote, local)).outcome, 'here');
  assert.deepEqual(blocks(), []);
  const skipped = await download(remote, local, {onConflict: 'skip'});
  assert.deepEqual(
    [skipped.outcome, skipped.fetchedBytes, skipped.root],
    ['skipped', 0, undefined],
  );
  await assert.rejects(download(remote, local, {onConflict: 'fail'}), failsWith('exists'));
  const renamed = await download(remote, local, {onConflict: 'rename'});
  assert.equal(renamed.file, join(target, 'big (2).bin'));
});

test('an aborted download leaves a partial file, and the next call fetches only the rest', async t => {
  const {remote, local, target, blocks} = await startServing(t, {limit: 2 * blockSize});
  const stop = new AbortController();
  const why = new Error('the user has left');
  const stopped = download(remote, local, {
    signal: stop.signal,
    onProgress({doneBytes}) {
      if (doneBytes >= 2 * blockSize) {
        stop.abort(why);
      }
    },
  });
  await assert.rejects(stopped, error => isJangadaError(error, 'aborted') && error.cause === why);
  assert.deepEqual(readdirSync(target), ['big.bin.jangada-part']);
  const kept = Math.floor(statSync(`${local}.jangada-part`).size / blockSize);
  assert.ok(kept >= 1 && kept < 5, `${kept} blocks are kept`);
  blocks();
  const {fetchedBytes} = await download(remote, local);
  assert.deepEqual(readFileSync(local), content);
  assert.deepEqual(readdirSync(target), ['big.bin']);
  assert.ok(fetchedBytes <= content.length - kept * blockSize);
  assert.equal(blocks().length, Math.ceil(fetchedBytes / blockSize));
});

test('progress ends with all bytes, and never exceeds them', async t => {
  const {remote, local} = await startServing(t);
  const told: DownloadProgress[] = [];
  await download(remote, local, {onProgress: progress => told.push(progress)});
  assert.ok(told.every(({doneBytes, totalBytes}) => doneBytes <= (totalBytes ?? content.length)));
  const {doneBytes, totalBytes, state} = told.at(-1) ?? {};
  assert.deepEqual([doneBytes, totalBytes, state], [content.length, content.length, 'done']);
  assert.equal(told.filter(one => one.state === 'done').length, 1);
});

test('an error in the listener ends the download, and the call throws this error', async t => {
  const {remote, local} = await startServing(t);
  const fault = new Error('a fault of the program');
  const failed = download(remote, local, {
    onProgress() {
      throw fault;
    },
  });
  await assert.rejects(failed, error => error === fault);
});

test('unexpected content gets no final name', async t => {
  const {remote, local, target, blocks} = await startServing(t);
  const root = rootOf(noise(10, 7));
  await assert.rejects(download(remote, local, {expect: root}), failsWith('unexpected'));
  assert.deepEqual(blocks(), [], 'with a root nothing of it is asked for');
  const sha256 = `sha256:${'0'.repeat(64)}`;
  await assert.rejects(download(remote, local, {expect: sha256}), failsWith('unexpected'));
  assert.deepEqual(readdirSync(target), ['big.bin.jangada-part']);
  await assert.rejects(
    download(remote, local, {expect: 'md5:12'}),
    failsWith('usage', /sha256:HEX/),
  );
});

test('if a server lies about the content of a known root digest, nothing is written to the disk', async t => {
  const folder = temporaryFolder(t);
  const {address} = await startOtherContent(t, noise(blockSize + 9, 3), {listed: content});
  const lied = download(`${address}/x`, join(folder, 'x'), {expect: rootOf(content)});
  await assert.rejects(lied, failsWith('unexpected'));
  assert.deepEqual(readdirSync(folder), []);
});

test('a path is relative to the folder of an address, and to the root of a client', async t => {
  const {address, target, serve} = await startServing(t);
  serve('deep/a/b.txt', 'below');
  const text = async (remote: string, server: string | Client) => {
    const {file} = await download(remote, join(target, 'b.txt'), {server});
    return readFileSync(file, 'utf8');
  };
  assert.equal(await text('a/b.txt', `${address}/deep`), 'below');
  await using client = new Client(parseAddress(`${address}/deep`));
  assert.equal(await text('deep/a/b.txt', client), 'below');
  await assert.rejects(text('a/b.txt', client), failsWith('not_found'));
  assert.ok((await client.ping()) > 0, 'the client stays open');
});

test('errors about wrong arguments say what to write', async t => {
  const {address, remote, local, target} = await startServing(t);
  const wrong: Array<[string, string, string | undefined, ErrorCode, RegExp]> = [
    ['a/big.bin', local, undefined, 'usage', /has no server: write jangada:\/\/HOST:PORT\/PATH/],
    [address, local, undefined, 'usage', /no path of a file/],
    [remote, local, address, 'usage', /give only one/],
    [remote, `${target}/`, undefined, 'usage', /give the path of a file/],
    [remote, '', undefined, 'usage', /give the path of a file/],
    ['../x', local, address, 'bad_request', /'\.\.' part/],
    [`http://127.0.0.1/x`, local, undefined, 'usage', /begins with http/],
    ['a', local, address, 'not_a_file', /not a file/],
    ['none', local, address, 'not_found', /./],
    ['jangada://127.0.0.1:1/x', local, undefined, 'unreachable', /./],
  ];
  for (const [from, to, server, code, message] of wrong) {
    await assert.rejects(download(from, to, {server}), failsWith(code, message), `${from} → ${to}`);
  }

  mkdirSync(join(target, 'folder'), {recursive: true});
  await assert.rejects(
    download(remote, join(target, 'folder')),
    failsWith('unsafe_target', /is a folder/),
  );
});

test('a download continues over a new connection when its connection is lost', async t => {
  const {local, remote, proxy, meter} = await startServing(t, {limit: 4 * blockSize});
  const loading = download(remote, local);
  await until(() => meter.blockBytes > 2 * blockSize);
  const {links} = proxy;
  assert.equal(links.length, 1);
  for (const link of links) {
    proxy.cut(link, 'reset');
  }

  assert.equal((await loading).bytes, content.length);
  assert.deepEqual(readFileSync(local), content);
});

test('downloads open the database of this user once, and no other program gets their places', async t => {
  const {remote, serve, target, address} = await startServing(t, {limit: blockSize});
  serve('small', 'small');
  const locksOf = () => readdirSync(join(process.env.JANGADA_STATE ?? '', 'locks')).sort();
  await download('small', join(target, 'small'), {server: address});
  const locks = locksOf();
  const loading = download(remote, join(target, 'other.bin'));
  assert.equal(locks.length, 1);
  await using queue = new Queue({server: address});
  await until(() => existsSync(join(target, 'other.bin.jangada-part')));
  const [id = 0] = queue.add([{remotePath: 'a/big.bin', folder: target, localPath: 'other.bin'}]);
  await queue.idle();
  const {state} = queue.transfer(id) ?? {};
  assert.ok(state?.name === 'failed' && state.code === 'locked', JSON.stringify(state));
  assert.equal((await loading).outcome, 'fetched');
  assert.ok(locksOf().includes(locks[0] ?? ''), 'the lock is the same as before');
});

test('two downloads of one file to one place do not write to one partial file', async t => {
  const {remote, local} = await startServing(t, {limit: 4 * blockSize});
  const both = await Promise.allSettled([download(remote, local), download(remote, local)]);
  const codes = both.map(one => (one.status === 'fulfilled' ? one.value.outcome : one.reason.code));
  assert.ok(codes.includes('fetched'), codes.join());
  assert.ok(
    codes.every(code => ['fetched', 'here', 'locked'].includes(code)),
    codes.join(),
  );
  assert.deepEqual(readFileSync(local), content);
});
