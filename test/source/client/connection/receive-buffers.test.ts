import assert from 'node:assert/strict';
import {test} from 'node:test';
import {BlockMemory, ReceiveBuffers} from '../../../../source/client/connection/receive-buffers.ts';

test('a connection that is lost while it waits for memory leaves its turn to the next one', () => {
  const buffers = new ReceiveBuffers(1);
  const held = buffers.take();
  assert.ok(held);
  const resumed: string[] = [];
  const lost = new BlockMemory(buffers, () => resumed.push('lost'));
  const next = new BlockMemory(buffers, () => resumed.push('next'));
  assert.deepEqual([lost.take(), next.take()], [undefined, undefined]);
  lost.giveBack();
  buffers.give(held);
  assert.deepEqual(resumed, ['next']);
  assert.equal(next.take(), held);
});

test('memory is given back once, and not by who has handed it over', () => {
  const buffers = new ReceiveBuffers(2);
  const one = new BlockMemory(buffers, assert.fail);
  const first = one.take();
  one.giveBack();
  one.giveBack();
  assert.equal(one.take(), first);
  one.handOver();
  one.giveBack();
  // The other buffer of the two, and no third one.
  const second = buffers.take();
  assert.ok(second !== undefined && second !== first);
  assert.equal(buffers.take(), undefined);
});
