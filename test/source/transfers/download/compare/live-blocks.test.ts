import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {blockSize, digestOf} from '../../../../../protocol/block.ts';
import {LiveBlocks} from '../../../../../source/transfers/download/compare/live-blocks.ts';

const digests = (...names: string[]) =>
  Buffer.concat(names.map(name => digestOf('sha256', Buffer.from(name))));

const states = ({count, at}: LiveBlocks) => Array.from({length: count}, (_, index) => at(index));

suite('blocks while both sides are read', () => {
  test('a block has a verdict as soon as both digests are known, in any order', () => {
    const blocks = new LiveBlocks(4 * blockSize);
    assert.deepEqual(states(blocks), ['unread', 'unread', 'unread', 'unread']);
    blocks.here(2, digests('c', 'd'));
    assert.deepEqual(states(blocks), ['unread', 'unread', 'read', 'read']);
    blocks.there(0, digests('a', 'b', 'c'));
    assert.deepEqual(states(blocks), ['unread', 'unread', 'good', 'read']);
    blocks.here(0, digests('a', 'x'));
    blocks.there(3, digests('d'));
    assert.deepEqual(states(blocks), ['good', 'bad', 'good', 'good']);
  });

  test('a block that is shorter in the local file does not count as bad before the end', () => {
    const blocks = new LiveBlocks(blockSize + 1);
    blocks.here(0, digests('a', 'b'));
    blocks.there(0, digests('a', 'c', 'more than here'));
    assert.deepEqual(states(blocks), ['good', 'read']);
  });

  test('of a file of more than 256 GiB no block has a state, and of a smaller one each', () => {
    const most = 262_144;
    assert.equal(new LiveBlocks(most * blockSize).count, most);
    const blocks = new LiveBlocks(most * blockSize + 1);
    blocks.here(0, digests('a'));
    blocks.there(0, digests('a'));
    assert.deepEqual(states(blocks), []);
  });
});
