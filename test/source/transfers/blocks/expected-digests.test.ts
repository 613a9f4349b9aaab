import assert from 'node:assert/strict';
import {test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {encodeFrame, frameKinds} from '../../../../protocol/frame.ts';
import {encodeAnswer} from '../../../../protocol/messages.ts';
import {Client} from '../../../../source/client/client.ts';
import {digestsToGoBy} from '../../../../source/transfers/blocks/expected-digests.ts';
import {parseExpectedContent} from '../../../../source/transfers/terms/expected-content.ts';
import {noise, path, startHarness} from '../../../fixtures/harness.ts';
import {startHostileServer} from '../../../fixtures/server/hostile-server.ts';
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

test('a list that has not as many digests as the size it names is not what was expected', async t => {
  const digests = digestsOf(content);
  const expect = parseExpectedContent(rootOf(content));
  for (const size of [0, content.length - blockSize, content.length + blockSize]) {
    const address = await startHostileServer(t, socket => {
      socket.write(encodeFrame(frameKinds.digests, digests));
      socket.write(encodeAnswer('end', {size, mtimeMs: 0, version: 'v', root: expect.hex}));
    });
    await using client = new Client(address);
    await assert.rejects(digestsToGoBy({remotePath: a}, expect, client, {}), {
      code: 'unexpected',
      message: new RegExp(`The server announces ${size} bytes`),
    });
  }
});

test('whoever stops while the server still hashes waits for no list, and neither for a greeting', async t => {
  const stop = new AbortController();
  const {signal} = stop;
  // It never answers.
  const address = await startHostileServer(t, () => stop.abort());
  await using client = new Client(address);
  const expect = parseExpectedContent(rootOf(content));
  await assert.rejects(digestsToGoBy({remotePath: a}, expect, client, {signal}), {code: 'aborted'});
  await assert.rejects(digestsToGoBy({remotePath: a}, undefined, client, {signal}), {
    code: 'aborted',
  });
});
