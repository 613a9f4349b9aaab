import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parseAddress} from '../../../../../protocol/address.ts';
import {CompressionChoice} from '../../../../../source/client/connection/compression/compression-choice.ts';
import {LinkRate} from '../../../../../source/client/connection/compression/link-rate.ts';
import {RateLimiter} from '../../../../../source/client/connection/rate-limiter.ts';

/** The choice for a link of `bytesPerSecond`. undefined: the rate is not yet known. */
function choice(
  address: string,
  {bytesPerSecond, limit}: {bytesPerSecond?: number; limit?: number} = {},
) {
  let nowMs = 0;
  const rate = new LinkRate(() => nowMs);
  const compression = new CompressionChoice(
    parseAddress(address),
    new RateLimiter(limit),
    'auto',
    rate,
  );
  if (bytesPerSecond !== undefined) {
    rate.came(1);
    nowMs = 1000;
    rate.came(bytesPerSecond);
  }

  return compression;
}

const near = ['127.0.0.1', 'localhost:99', '[::1]:99', '127.1.2.3', 'jangadas://127.0.0.1'];
const far = ['192.168.1.2', 'files.example.org', 'ssh://localhost/srv', 'jangadas://example.org'];

for (const address of [...near, ...far]) {
  test(`the client asks for compressed blocks if the link is slow, not if it is fast: ${address}`, () => {
    assert.deepEqual(choice(address, {bytesPerSecond: 12_500_000}).compress, ['zstd']);
    assert.equal(choice(address, {bytesPerSecond: 110_000_000}).compress, undefined);
    assert.equal(choice(address, {bytesPerSecond: 12_500_000}).isOpen, false);
  });

  test(`a rate limit makes a link slow if it is low enough: ${address}`, () => {
    const fast = {bytesPerSecond: 110_000_000};
    assert.deepEqual(choice(address, {...fast, limit: 1_000_000}).compress, ['zstd']);
    assert.equal(choice(address, {...fast, limit: 80_000_000}).compress, undefined);
  });
}

for (const address of near) {
  test(`until the rate is known, a server on this machine sends uncompressed blocks: ${address}`, () => {
    const compression = choice(address);
    assert.equal(compression.compress, undefined);
    assert.equal(compression.isOpen, true);
  });
}

for (const address of far) {
  test(`until the rate is known, a server on another machine sends compressed blocks: ${address}`, () => {
    const compression = choice(address);
    assert.deepEqual(compression.compress, ['zstd']);
    assert.equal(compression.isOpen, false);
  });
}

test('with compression off, the client never asks for compressed blocks', () => {
  const address = parseAddress('files.example.org');
  const compression = new CompressionChoice(address, new RateLimiter(1000), 'never');
  assert.equal(compression.compress, undefined);
  assert.equal(compression.isOpen, false);
});
