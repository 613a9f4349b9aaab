import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {blockSize, digestSize} from '../../../../protocol/block.ts';
import type {Client} from '../../../../source/client/client.ts';
import {BlockPlan} from '../../../../source/transfers/blocks/block-plan.ts';
import {FileProgress} from '../../../../source/transfers/blocks/file-progress.ts';
import {rememberStock, takeStock} from '../../../../source/transfers/blocks/take-stock.ts';
import {TargetFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {PartialFile} from '../../../../source/transfers/disk/partial-file.ts';
import {checker} from '../../../../source/transfers/hashing/checker.ts';
import type {KnownPartial} from '../../../../source/transfers/terms/known-partial.ts';
import {noise, path, temporaryFolder} from '../../../fixtures/harness.ts';
import {digestsOf} from '../../../fixtures/server/other-content.ts';

const size = 3 * blockSize + 10;
const content = noise(size);
const remote = {remotePath: path('a'), version: 'v', algorithm: 'sha256'} as const;
const {signal} = new AbortController();

/** The open partial of `a`, with these bytes. */
function openPartial(t: TestContext, bytes: Uint8Array): PartialFile {
  const target = new TargetFolder(temporaryFolder(t));
  const folder = target.open([]);
  writeFileSync(join(target.path, 'a.jangada-part'), bytes);
  const partial = new PartialFile(folder, 'a');
  t.after(() => {
    partial.close();
    folder.release();
    target[Symbol.dispose]();
  });
  return partial;
}

/** The blocks of `content` that are found in a partial, and what was asked and hashed for that. */
async function take(
  partial: PartialFile,
  known?: Partial<KnownPartial>,
  listed: Buffer | undefined = undefined,
) {
  const asked: unknown[] = [];
  const client = {
    digests: async (_path: string, options: {from: number; to: number; version: string}) => {
      const {from, to, version} = options;
      asked.push({from, to, version});
      const digests = digestsOf(content).subarray(from * digestSize, to * digestSize);
      return {digests, size, mtimeMs: 0, version: 'v', root: undefined};
    },
  } as unknown as Client;
  const plan = new BlockPlan(size);
  const told: Array<[checkedBytes: number, totalBytes: number]> = [];
  const memory = {version: 'v', algorithm: 'sha256', state: partial.state} as const;
  const list = listed && {digests: listed, size, mtimeMs: 0, version: 'v', root: undefined};
  await takeStock(
    partial,
    known && {...memory, digests: digestsOf(content), ...known},
    {...remote, plan, expected: list},
    {client, checker},
    {signal, onProgress: (...progress) => told.push(progress)},
  );
  const done = [0, 1, 2, 3].filter(index => !plan.isNeeded(index));
  const first = done[0] ?? 0;
  const isKept = plan.digests
    .subarray(first * digestSize, (first + 1) * digestSize)
    .equals(digestsOf(content).subarray(first * digestSize, (first + 1) * digestSize));
  assert.ok(done.length === 0 || isKept);
  return {done, asked, told};
}

/** As remembered digests have it, with unknown ones as zeros. */
function withoutBlocks(...blocks: readonly number[]): Buffer {
  const digests = Buffer.from(digestsOf(content));
  for (const block of blocks) {
    digests.fill(0, block * digestSize, (block + 1) * digestSize);
  }

  return digests;
}

test('of a partial without remembered digests each block is hashed and compared with that of the server', async t => {
  const bytes = Buffer.from(content);
  bytes.write('damage', blockSize + 5);
  const {done, asked, told} = await take(openPartial(t, bytes));
  assert.deepEqual(done, [0, 2, 3]);
  assert.deepEqual(asked, [{from: 0, to: 4, version: 'v'}]);
  assert.deepEqual(
    [told[0], told.at(-1)],
    [
      [0, size],
      [size, size],
    ],
  );
});

test('only as much of a partial is hashed as the file has, and only as much is asked for as is here', async t => {
  const longer = await take(openPartial(t, Buffer.concat([content, noise(2 * blockSize)])));
  assert.deepEqual(longer.done, [0, 1, 2, 3]);
  assert.deepEqual(longer.told.at(-1), [size, size]);
  const shorter = await take(openPartial(t, content.subarray(0, blockSize + 1)));
  assert.deepEqual(shorter.done, [0]);
  assert.deepEqual(shorter.asked, [{from: 0, to: 2, version: 'v'}]);
});

test('remembered digests of the same version need neither hashing nor the server, and zeros stand for no block', async t => {
  const {done, asked, told} = await take(openPartial(t, content), {digests: withoutBlocks(1)});
  assert.deepEqual({done, asked, told}, {done: [0, 2, 3], asked: [], told: []});
});

test('remembered digests of another version are compared with those of the server, without hashing', async t => {
  const known = {version: 'older', digests: withoutBlocks(0, 1)};
  const {done, asked, told} = await take(openPartial(t, content), known);
  assert.deepEqual({done, told}, {done: [2, 3], told: []});
  assert.deepEqual(asked, [{from: 0, to: 4, version: 'v'}]);
});

test('a remembered block that the partial does not have to its end is no block', async t => {
  const known = {version: 'older'};
  const {done, asked} = await take(openPartial(t, content.subarray(0, size - 1)), known);
  assert.deepEqual(done, [0, 1, 2]);
  assert.equal(asked.length, 1);
  const cut = await take(openPartial(t, content.subarray(0, 2 * blockSize)), known);
  assert.deepEqual(cut.done, [0, 1]);
  assert.deepEqual(cut.asked, [{from: 0, to: 2, version: 'v'}]);
});

test('with a list of expected digests the server is not asked, and remembered digests count only as far as they are in it', async t => {
  const {done, asked, told} = await take(openPartial(t, content), {}, withoutBlocks(2));
  assert.deepEqual({done, asked, told}, {done: [0, 1, 3], asked: [], told: []});
});

for (const [what, known] of [
  ['of another state', {state: 'another'}],
  ['of another algorithm', {algorithm: 'blake3'}],
] as const) {
  test(`remembered digests ${what} are not believed: the partial is hashed`, async t => {
    // They name every block, and the partial has one.
    const partial = openPartial(t, Buffer.concat([content.subarray(0, blockSize), noise(5)]));
    const {done, told} = await take(partial, known);
    assert.deepEqual(done, [0]);
    assert.ok(told.length > 0);
  });
}

for (const [what, blocks, isOpen] of [
  ['without any verified block', 0, true],
  ['that is closed', 1, false],
] as const) {
  test(`nothing is remembered of a partial ${what}`, async t => {
    const partial = openPartial(t, content);
    const plan = new BlockPlan(size);
    if (blocks > 0) {
      plan.markDone(0, digestsOf(content).subarray(0, digestSize));
    }

    if (!isOpen) {
      partial.close();
    }

    const calls: string[] = [];
    await rememberStock(
      'a',
      {...remote, plan, partial, progress: new FileProgress(() => undefined)},
      {
        recall: () => undefined,
        remember: () => calls.push('remember'),
        forget: () => calls.push('forget'),
      },
    );
    assert.deepEqual(calls, []);
  });
}

test('a partial is remembered with its version, its algorithm, its present state and its digests', async t => {
  const partial = openPartial(t, content);
  const plan = new BlockPlan(size);
  const digests = withoutBlocks(0, 1, 3);
  plan.markDone(2, digests.subarray(2 * digestSize, 3 * digestSize));
  const told: unknown[] = [];
  await rememberStock(
    'a',
    {...remote, plan, partial, progress: new FileProgress(() => undefined)},
    {
      recall: () => undefined,
      remember: (...given) => told.push(given),
      forget: () => assert.fail(),
    },
  );
  const {state} = partial;
  assert.deepEqual(told, [['a', {version: 'v', algorithm: 'sha256', state, digests}]]);
});
