import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {parseAddress} from '../../../../../protocol/address.ts';
import {BlockSources} from '../../../../../source/transfers/blocks/servers/block-sources.ts';

const [main, b, c] = ['a:1', 'b:1', 'c:1'].map(text => parseAddress(text));

/** A list of digests, each of one byte repeated. */
const digests = (...bytes: readonly number[]) =>
  Buffer.concat(bytes.map(byte => Buffer.alloc(32, byte)));

test('a wrong block is traced to the server that sent it, and a right one to nobody', () => {
  assert.ok(main && b && c);
  const sources = new BlockSources([main, b, c], 4);
  sources.set(0, main);
  sources.set(1, b);
  sources.set(2, c);
  assert.deepEqual(sources.ofWrong(digests(1, 2, 3, 4), digests(1, 2, 3, 4)), []);
  assert.deepEqual(sources.ofWrong(digests(1, 2, 3, 4), digests(1, 9, 3, 4)), [b]);
  assert.deepEqual(sources.ofWrong(digests(1, 2, 3, 4), digests(1, 9, 9, 4)), [b, c]);
});

test('neither the main server nor anybody is blamed for a block that came from it, or was here before', () => {
  assert.ok(main && b && c);
  const sources = new BlockSources([main, b, c], 2);
  sources.set(0, main);
  assert.deepEqual(sources.ofWrong(digests(1, 2), digests(9, 9)), []);
});

test('a block that another server sends again is that of the last one', () => {
  assert.ok(main && b && c);
  const sources = new BlockSources([main, b, c], 1);
  sources.set(0, b);
  sources.set(0, c);
  assert.deepEqual(sources.ofWrong(digests(1), digests(9)), [c]);
});

test('with a single server nobody is ever blamed', () => {
  assert.ok(main && b);
  const sources = new BlockSources([main], 1);
  sources.set(0, main);
  assert.deepEqual(sources.ofWrong(digests(1), digests(9)), []);
});
