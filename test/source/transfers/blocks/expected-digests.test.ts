import assert from 'node:assert/strict';
import {test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {digestsToGoBy} from '../../../../source/transfers/blocks/expected-digests.ts';
import {parseExpectedContent} from '../../../../source/transfers/terms/expected-content.ts';
import {noise, path, startHarness} from '../../../fixtures/harness.ts';
import {digestsOf, rootOf} from '../../../fixtures/server/other-content.ts';

const content = noise(2 * blockSize + 10);
const a = path('a');

test('with an expected root digest, its algorithm is used, and the list of digests is known', async t => {
  const {serve, client} = await startHarness(t);
  serve('a', content);
  for (const algorithm of ['sha256', 'blake3'] as const) {
    const expect = parseExpectedContent(rootOf(content, algorithm));
    const found = await digestsToGoBy({remotePath: a}, expect, client, {});
    assert.equal(found.algorithm, algorithm);
    assert.deepEqual(found.expected?.digests, digestsOf(content, algorithm));
    assert.equal(found.expected?.root, expect.hex);
  }
});

test('without an expected root digest, the client requests no digests', async t => {
  const {client} = await startHarness(t);
  const sha256 = parseExpectedContent(`sha256:${'0'.repeat(64)}`);
  for (const expect of [undefined, sha256]) {
    assert.deepEqual(await digestsToGoBy({remotePath: a}, expect, client, {}), {
      algorithm: 'blake3',
    });
  }
});

test('a list with another root digest, or for another size, is not the expected one', async t => {
  const {serve, client} = await startHarness(t);
  serve('a', content);
  const expect = parseExpectedContent(rootOf(content));
  const other = parseExpectedContent(rootOf(noise(10)));
  await assert.rejects(digestsToGoBy({remotePath: a}, other, client, {}), {code: 'unexpected'});
  for (const size of [0, content.length - 1, content.length + 1]) {
    await assert.rejects(digestsToGoBy({remotePath: a, size}, expect, client, {}), {
      code: 'unexpected',
      message: new RegExp(`The server announces ${size} bytes`),
    });
  }

  await assert.rejects(digestsToGoBy({remotePath: a, version: 'old'}, expect, client, {}), {
    code: 'changed',
  });
});
