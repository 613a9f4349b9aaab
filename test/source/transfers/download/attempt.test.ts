/** What a download tells and remembers, and what it leaves behind, whatever comes of it. */
import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {hash} from 'node:crypto';
import {mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {blockSize, digestSize} from '../../../../protocol/block.ts';
import {frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {Client} from '../../../../source/client/client.ts';
import {Ending} from '../../../../source/transfers/blocks/ending.ts';
import {checksums} from '../../../../source/transfers/hashing/checksums.ts';
import type {DownloadEvent} from '../../../../source/transfers/terms/download-event.ts';
import {stateOf} from '../../../../source/transfers/terms/file-state.ts';
import type {
  KnownPartial,
  KnownPartials,
} from '../../../../source/transfers/terms/known-partial.ts';
import {openBelow} from '../../../fixtures/descriptors.ts';
import {noise, path, startHarness, temporaryFolder} from '../../../fixtures/harness.ts';
import {startMetered} from '../../../fixtures/metered.ts';
import {cannotRecord} from '../../../fixtures/record-disk.ts';
import {runDownload} from '../../../fixtures/run-download.ts';
import {startHostileServer} from '../../../fixtures/server/hostile-server.ts';
import {digestsOf, rootOf} from '../../../fixtures/server/other-content.ts';

const part = 'a.jangada-part';
const content = noise(3 * blockSize + 10);

/** A memory that notes what is done with it. */
function startMemory(known?: KnownPartial) {
  const calls: string[] = [];
  const remembered: KnownPartial[] = [];
  let now = known;
  const memory: KnownPartials = {
    recall(name) {
      calls.push(`recall ${name}`);
      return now;
    },
    remember(name, one) {
      calls.push(`remember ${name}`);
      remembered.push(one);
      now = one;
    },
    forget(name) {
      calls.push(`forget ${name}`);
      now = undefined;
    },
  };
  return {memory, calls, remembered};
}

test('a fetched file is reported with its SHA-256, its root and its state, if they are wanted', async t => {
  const {client, serve, target} = await startHarness(t);
  serve('a', content);
  const {mtimeMs, version} = await client.stat(path('a'));
  const found = await runDownload(client, target, {tools: {checksums, roots: true}});
  assert.equal(found.outcome, 'verified');
  assert.equal(found.sha256, hash('sha256', content, 'hex'));
  assert.equal(
    found.root && `root:${found.root.algorithm}:${found.root.hex}`,
    rootOf(content, 'blake3'),
  );
  assert.deepEqual(found.copy, {
    state: stateOf(statSync(join(target, 'a'), {bigint: true})),
    remote: {size: content.length, mtimeMs, version},
  });
  const plain = await runDownload(client, temporaryFolder(t));
  assert.deepEqual([plain.sha256, plain.root], [undefined, undefined]);
});

test('what a download tells comes in the order of its steps', async t => {
  const {client, serve, target} = await startHarness(t);
  serve('a', content);
  const {version} = await client.stat(path('a'));
  const told: DownloadEvent[] = [];
  await runDownload(client, target, {tell: event => told.push(event)});
  assert.deepEqual(told[0], {type: 'size', bytes: content.length});
  assert.deepEqual(told[1], {type: 'version', version, begunAnew: false});
  assert.equal(told.at(-1)?.type, 'finish');
  const steps = told.map(({type}) => type).filter(type => type !== 'progress');
  assert.deepEqual(steps, ['size', 'version', 'download', 'finish']);
});

for (const [what, before, remembered, bytes, begunAnew] of [
  ['another version than before, and blocks of it', 'older', undefined, 100, true],
  ['another version than before, and nothing of it', 'older', undefined, 0, false],
  ['the same version as before', 'same', undefined, 100, false],
  ['a version that is not known', undefined, undefined, 100, false],
  ['another version than the remembered blocks', undefined, 'older', 100, true],
  ['the version of the row before that of the memory', 'same', 'older', 100, false],
] as const) {
  test(`a file of ${what} is ${begunAnew ? '' : 'not '}told to be begun anew`, async t => {
    const {client, serve} = await startHarness(t);
    serve('a', content);
    const {version = ''} = await client.stat(path('a'));
    const target = temporaryFolder(t);
    if (bytes > 0) {
      writeFileSync(join(target, part), content.subarray(0, bytes));
    }

    const known = remembered && {
      ...{version: remembered, algorithm: 'blake3' as const, state: 'x'},
      digests: Buffer.alloc(0),
    };
    const told: boolean[] = [];
    await runDownload(client, target, {
      job: {version: before === 'same' ? version : before, memory: startMemory(known).memory},
      tell: event => event.type === 'version' && told.push(event.begunAnew),
    });
    assert.deepEqual(told, [begunAnew]);
  });
}

test('a folder of the server is no file, and nothing is made here for it', async t => {
  const {client, root} = await startHarness(t);
  mkdirSync(join(root, 'a'));
  const target = temporaryFolder(t);
  await assert.rejects(runDownload(client, target), {code: 'not_a_file'});
  assert.deepEqual(readdirSync(target), []);
});

test('a download that fails remembers the blocks that it has, and the next one hashes none of them', async t => {
  const {client, serve, proxy, meter} = await startMetered(t);
  serve('a', content);
  const target = temporaryFolder(t);
  const {memory, calls, remembered} = startMemory();
  const stop = new AbortController();
  proxy.bytesPerSecond = 8_000_000;
  const stopped = runDownload(client, target, {
    ...{job: {memory}, signal: stop.signal},
    tell: event => event.type === 'progress' && event.verifiedBytes > 0 && stop.abort(),
  });
  await assert.rejects(stopped, {code: 'aborted'});
  proxy.bytesPerSecond = Number.POSITIVE_INFINITY;
  assert.deepEqual(calls, ['recall a', 'remember a']);
  const [known] = remembered;
  assert.ok(known);
  const blocks = digestsOf(content, 'blake3');
  assert.ok(
    Buffer.from(known.digests).subarray(0, digestSize).equals(blocks.subarray(0, digestSize)),
  );
  assert.equal(known.state, stateOf(statSync(join(target, part), {bigint: true})));
  meter.take();
  const told: string[] = [];
  calls.length = 0;
  await runDownload(client, target, {job: {memory}, tell: ({type}) => told.push(type)});
  assert.ok(!told.includes('check'));
  assert.equal(meter.take().whole.get('a')?.has(0), false);
  // From the first write on the memory is wrong, and of a finished file nothing is remembered.
  assert.deepEqual(calls, ['recall a', 'forget a']);
  assert.ok(readFileSync(join(target, 'a')).equals(content));
});

test('remembered digests that turn out to be wrong are forgotten, and the partial is hashed', async t => {
  const {client, serve} = await startHarness(t);
  serve('a', content);
  const target = temporaryFolder(t);
  // It has one right block.
  writeFileSync(
    join(target, part),
    Buffer.concat([content.subarray(0, blockSize), noise(blockSize, 9)]),
  );
  const {version = ''} = await client.stat(path('a'));
  const state = stateOf(statSync(join(target, part), {bigint: true}));
  const digests = Buffer.from(digestsOf(content, 'blake3').subarray(0, 2 * digestSize));
  digests.fill(7, digestSize);
  const {memory, calls, remembered} = startMemory({version, algorithm: 'blake3', state, digests});
  const told: DownloadEvent[] = [];
  await runDownload(client, target, {
    ...{job: {memory}, tools: {pause: async () => undefined}},
    tell: event => told.push(event),
  });
  assert.ok(told.some(({type}) => type === 'changing'));
  assert.ok(
    told.some(({type}) => type === 'check'),
    'it is hashed',
  );
  assert.deepEqual([...new Set(calls)], ['recall a', 'forget a']);
  assert.deepEqual(remembered, []);
  assert.ok(readFileSync(join(target, 'a')).equals(content));
});

/** A download of four blocks, of which a server announces the file and gives no block. */
async function failToFetch(t: TestContext, target: string, from?: string): Promise<unknown> {
  const size = 4 * blockSize;
  const address = await startHostileServer(t, (socket, {kind}) => {
    const entry = {name: 'a', type: 'file' as const, size, mtimeMs: 0, version: 'v'};
    socket.write(
      kind === frameKinds.stat
        ? encodeAnswer('entry', entry)
        : encodeAnswer('error', {code: 'forbidden', message: 'no'}),
    );
  });
  await using client = new Client(address);
  return await runDownload(client, target, {job: {from}}).catch((error: unknown) => error);
}

test('a file of the user that has become the partial stays, also if it is empty and no block came', async t => {
  const target = temporaryFolder(t);
  const from = join(temporaryFolder(t), 'left');
  writeFileSync(from, '');
  await failToFetch(t, target, from);
  assert.deepEqual(readdirSync(target), [part]);
});

test('a download that fails leaves no descriptor and no listener of its ending', {
  skip: cannotRecord,
}, async t => {
  const target = temporaryFolder(t);
  await failToFetch(t, target);
  assert.deepEqual(openBelow(target), []);
  const {client, serve} = await startHarness(t);
  serve('a', content);
  const ending = new Ending();
  const forgotten: number[] = [];
  const {onBegin} = ending;
  let count = 0;
  t.mock.method(ending, 'onBegin', (listener: () => void) => {
    const index = count++;
    const forget = onBegin.call(ending, listener);
    return () => {
      forgotten.push(index);
      forget();
    };
  });
  await runDownload(client, target, {tools: {ending}});
  assert.ok(count >= 2);
  assert.equal(new Set(forgotten).size, count);
  assert.deepEqual(openBelow(target), []);
});

test('a file that was adopted is told of once, and what was remembered of its name is forgotten', async t => {
  const {client, serve} = await startHarness(t);
  serve('a', content);
  const target = temporaryFolder(t);
  const from = join(temporaryFolder(t), 'left');
  writeFileSync(from, content.subarray(0, 2 * blockSize));
  const {memory, calls} = startMemory();
  const told: DownloadEvent[] = [];
  await runDownload(client, target, {job: {from, memory}, tell: event => told.push(event)});
  assert.equal(told.filter(({type}) => type === 'adopted').length, 1);
  assert.deepEqual(readdirSync(target), ['a']);
  assert.ok(!calls.includes('remember a'));
  const progress = told.findLast(event => event.type === 'progress');
  assert.equal(progress?.reusedBytes, 2 * blockSize);
});
