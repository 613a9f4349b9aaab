import assert from 'node:assert/strict';
import {mkdirSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {parseAddress} from '../../../../../protocol/address.ts';
import {blockCount, blockSize} from '../../../../../protocol/block.ts';
import {JangadaError} from '../../../../../protocol/errors.ts';
import {Client} from '../../../../../source/client/client.ts';
import {equalCopies} from '../../../../../source/transfers/download/compare/equal-copies.ts';
import {stateOf} from '../../../../../source/transfers/terms/file-state.ts';
import {noise, path, startHarness, until} from '../../../../fixtures/harness.ts';
import {startOlderServer} from '../../../../fixtures/older-server.ts';
import {startHostileServer} from '../../../../fixtures/server/hostile-server.ts';
import {rootOf} from '../../../../fixtures/server/other-content.ts';

/** Files on a server and copies in the target folder; undefined: there is none. */
async function startCopies(
  t: TestContext,
  files: Readonly<Record<string, readonly [there: Buffer | undefined, here: Buffer | undefined]>>,
) {
  const harness = await startHarness(t);
  const {serve, target} = harness;
  mkdirSync(target);
  const copies = Object.entries(files).map(([name, [there, here]]) => {
    if (there !== undefined) {
      serve(name, there);
    }

    if (here !== undefined) {
      writeFileSync(join(target, name), here);
    }

    return {remotePath: path(name), localFile: join(target, name), size: here?.length ?? 0};
  });
  return {...harness, copies};
}

const small = noise(1000);
const block = noise(blockSize);
const large = noise(2 * blockSize + 5);
const equal = {
  small: [small, small],
  large: [large, large],
  empty: [Buffer.alloc(0), Buffer.alloc(0)],
  block: [block, block],
} as const;

test('each equal copy has a report as if it had been verified alone, in the order of the question', async t => {
  const {client, copies} = await startCopies(t, equal);
  const told: number[] = [];
  const reports = await equalCopies(client, copies, {onProgress: bytes => told.push(bytes)});
  assert.equal(reports.length, 4);
  for (const [index, bytes] of [small, large, Buffer.alloc(0), block].entries()) {
    const {remotePath, localFile} = copies[index] ?? {};
    assert.ok(remotePath !== undefined && localFile !== undefined);
    const {mtimeMs, version = ''} = await client.stat(remotePath);
    const root = rootOf(bytes, 'blake3').slice('root:blake3:'.length);
    const count = blockCount(bytes.length);
    const state = stateOf(statSync(localFile, {bigint: true}));
    assert.deepEqual(reports[index], {
      ...{remotePath, localFile, algorithm: 'blake3', equal: true},
      ...{localSize: bytes.length, remoteSize: bytes.length},
      ...{blocks: Array(count).fill('good'), good: count, bad: 0, missing: 0},
      ...{localRoot: root, remoteRoot: root, expected: undefined, localSha256: undefined},
      compared: {state, remote: {size: bytes.length, mtimeMs, version}},
    });
  }

  const total = small.length + large.length + block.length;
  assert.equal(told.at(-1), total);
});

test('a copy that differs, is missing here or there, or is no file has no report, and the others have theirs', async t => {
  const {client, copies, target} = await startCopies(t, {
    'other bytes': [small, noise(1000, 2)],
    'other large': [large, noise(large.length, 2)],
    longer: [small, Buffer.concat([small, small])],
    'gone here': [small, undefined],
    'gone there': [undefined, small],
    right: [small, small],
    'also right': [large, large],
  });
  const folder = join(target, 'folder');
  mkdirSync(folder);
  const more = {remotePath: path('right'), localFile: folder, size: 1000};
  const gone = {
    remotePath: path('also right'),
    localFile: join(target, 'gone'),
    size: large.length,
  };
  const reports = await equalCopies(client, [...copies, more, gone]);
  assert.deepEqual(
    reports.map(report => report?.equal),
    [undefined, undefined, undefined, undefined, undefined, true, true, undefined, undefined],
  );
});

test('a copy may be a link, because its path was given', {
  skip: process.platform === 'win32' && 'links need a right on Windows',
}, async t => {
  const {client, copies, target} = await startCopies(t, {a: [small, small], b: [large, large]});
  const links = copies.map(copy => {
    const localFile = `${copy.localFile}.link`;
    symlinkSync(copy.localFile, localFile);
    return {...copy, localFile};
  });
  assert.ok(target);
  const reports = await equalCopies(client, links);
  assert.deepEqual(
    reports.map(report => report?.equal),
    [true, true],
  );
});

test('an older server is not asked, and nothing is known of any copy', async t => {
  const {server, copies} = await startCopies(t, equal);
  const port = await startOlderServer(t, server.port, 'roots');
  await using client = new Client(parseAddress(`jangada://127.0.0.1:${port}`));
  const told: number[] = [];
  const reports = await equalCopies(client, copies, {onProgress: bytes => told.push(bytes)});
  assert.deepEqual(reports, [undefined, undefined, undefined, undefined]);
  assert.deepEqual(told, []);
});

test('whoever stops while the server still hashes has no reports, and no listener is left', async t => {
  const {copies} = await startCopies(t, equal);
  let asked = 0;
  // It never answers.
  const address = await startHostileServer(t, () => asked++, ['roots']);
  await using client = new Client(address);
  const stop = new AbortController();
  const added = t.mock.method(stop.signal, 'addEventListener');
  const removed = t.mock.method(stop.signal, 'removeEventListener');
  const compared = equalCopies(client, copies, {signal: stop.signal});
  const rejected = assert.rejects(compared, {code: 'aborted'});
  await until(() => asked > 0);
  stop.abort();
  await rejected;
  assert.ok(added.mock.callCount() > 0);
  assert.equal(removed.mock.callCount(), added.mock.callCount());
});

test('if the hashing of a large copy fails before the server does, the error of the server is thrown, and nothing else', async t => {
  const {copies} = await startCopies(t, {large: [undefined, large]});
  const stop = new AbortController();
  const asked = Promise.withResolvers<never>();
  // It has of a client what the comparison uses.
  const client = {
    hello: async () => ({features: ['roots']}),
    digestAlgorithm: async () => 'sha256',
    withConnection() {
      stop.abort();
      setTimeout(() => asked.reject(new JangadaError('connection_lost', 'gone')), 300);
      return asked.promise;
    },
  } as unknown as Client;
  await assert.rejects(equalCopies(client, copies, {signal: stop.signal}), {
    code: 'connection_lost',
  });
});
