import assert from 'node:assert/strict';
import {test} from 'node:test';
import {BlockPool} from '../../../server/output/block-pool.ts';

test('each connection gets a buffer of its own, however many the others hold', async () => {
  const pool = new BlockPool();
  const greedy = Array.from({length: 20}, () => pool.lease());
  const taken = greedy.map(lease => [lease.take(), lease.take(), lease.take(), lease.take()]);
  const held = taken.flat().filter(buffer => buffer !== undefined);
  // One for each connection, and 16 that all share.
  assert.equal(held.length, 20 + 16);
  const late = pool.lease();
  const own = late.take() ?? assert.fail('nobody can take its own');
  assert.equal(late.take(), undefined);
  const next = late.wait();
  late.give(own);
  assert.equal((await next).length, own.length);
  const [[first] = []] = taken;
  greedy[0]?.give(first ?? assert.fail());
  assert.notEqual(late.take(), undefined, 'a shared one that was given back goes to any of them');
});

test('the shared supply keeps its size after many blocks were sent', () => {
  const pool = new BlockPool();
  const sender = pool.lease();
  for (let round = 0; round < 100; round++) {
    const taken = [sender.take(), sender.take(), sender.take()];
    for (const buffer of taken) {
      sender.give(buffer ?? assert.fail());
    }
  }

  const others = Array.from({length: 20}, () => pool.lease());
  const held = others.flatMap(lease => [lease.take(), lease.take()]);
  // One for each connection, and 16 that all share.
  assert.equal(held.filter(buffer => buffer !== undefined).length, 20 + 16);
});

test('while many files are sent, only as many buffers are made as are in use at once', () => {
  const pool = new BlockPool();
  const senders = Array.from({length: 32}, () => pool.lease());
  using ends = new DisposableStack();
  for (const sender of senders) {
    ends.use(sender.sending());
  }

  const made = new Set<unknown>();
  for (let round = 0; round < 20; round++) {
    const taken = senders.map(sender => [sender, [sender.take(), sender.take()]] as const);
    for (const [sender, buffers] of taken) {
      for (const buffer of buffers.filter(buffer => buffer !== undefined)) {
        made.add(buffer);
        sender.give(buffer);
      }
    }
  }

  // One for each connection, and 16 that all share.
  assert.equal(made.size, 32 + 16);
});

test('a connection has four buffers at most, and one of its own again once it has given all back', () => {
  const pool = new BlockPool();
  const lease = pool.lease();
  const taken = Array.from({length: 5}, () => lease.take());
  assert.deepEqual(
    taken.map(buffer => buffer !== undefined),
    [true, true, true, true, false],
  );
  for (const buffer of taken.slice(0, 4)) {
    lease.give(buffer ?? assert.fail());
  }

  // Others take all that is shared.
  for (const other of Array.from({length: 16}, () => pool.lease())) {
    other.take();
    other.take();
  }

  assert.notEqual(lease.take(), undefined);
  assert.equal(lease.take(), undefined);
});

test('once files have been sent, no more buffers are kept than those that all share', () => {
  const pool = new BlockPool();
  const senders = Array.from({length: 32}, () => pool.lease());
  const made = new Set<unknown>();
  const takeAll = () => senders.map(sender => sender.take() ?? assert.fail());
  {
    using ends = new DisposableStack();
    for (const sender of senders) {
      ends.use(sender.sending());
    }

    for (const [index, buffer] of takeAll().entries()) {
      made.add(buffer);
      senders[index]?.give(buffer);
    }
  }

  assert.equal(takeAll().filter(buffer => made.has(buffer)).length, 16);
});
