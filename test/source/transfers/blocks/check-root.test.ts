import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {blockSize, digestOf, rootDigest} from '../../../../protocol/block.ts';
import type {Client} from '../../../../source/client/client.ts';
import {BlockPlan} from '../../../../source/transfers/blocks/block-plan.ts';
import {checkRoot} from '../../../../source/transfers/blocks/check-root.ts';
import {path} from '../../../fixtures/harness.ts';

const digests = Buffer.concat(['a', 'b'].map(name => digestOf('sha256', Buffer.from(name))));
const right = rootDigest('sha256', digests).toString('hex');
const wrong = '0'.repeat(64);
const {signal} = new AbortController();

/** Check two blocks with the root that the server has `said`; the server answers `answer` when it is asked. */
async function check(roots: {
  expected?: string;
  said?: string | undefined;
  answer?: string;
  blocks?: number;
}) {
  const plan = new BlockPlan(2 * blockSize);
  for (let index = 0; index < (roots.blocks ?? 2); index++) {
    plan.markDone(index, digests.subarray(index * 32, (index + 1) * 32));
  }

  const asked: unknown[] = [];
  const client = {
    digests: async (...request: unknown[]) => {
      asked.push(request);
      return {root: roots.answer};
    },
  } as unknown as Client;
  const remote = {remotePath: path('a'), version: 'v', algorithm: 'sha256'} as const;
  const list = {digests, size: plan.size, mtimeMs: 0, version: 'v', root: roots.expected};
  const expected = roots.expected === undefined ? undefined : list;
  const error = await checkRoot(roots.said, {...remote, plan, expected}, client, signal);
  return {code: error?.code, asked};
}

test('a complete file has the expected root, or the one that the server has said, and nobody is asked', async () => {
  assert.deepEqual(await check({said: right}), {code: undefined, asked: []});
  assert.deepEqual(await check({said: wrong}), {code: 'changed', asked: []});
  assert.deepEqual(await check({expected: right, said: wrong}), {code: undefined, asked: []});
  assert.deepEqual(await check({expected: wrong, said: right}), {code: 'changed', asked: []});
});

test('a root that nobody has said is asked for: that of the same version, and no digest of a block', async () => {
  const request = ['a', {from: 0, to: 0, algorithm: 'sha256', version: 'v', signal}];
  assert.deepEqual(await check({answer: right}), {code: undefined, asked: [request]});
  assert.deepEqual(await check({answer: wrong}), {code: 'changed', asked: [request]});
});

test('a file that lacks a block is never taken for complete', async () => {
  await assert.rejects(check({said: right, blocks: 1}), {code: 'internal'});
});
