import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {Pace} from '../../../../../server/store/folder/disk/pace.ts';
import {PoolShare} from '../../../../../server/store/folder/disk/pool-share.ts';

test('failed reads give their places to others', async t => {
  const pace = new Pace(false, () => {});
  t.after(() => pace.close());
  const share = new PoolShare(pace);
  const elsewhere = () => assert.fail('the disk is fast');
  for (let round = 0; round < 10; round++) {
    const work = async () => {
      throw new Error('EIO');
    };
    await assert.rejects(share.run(work, elsewhere), /EIO/);
  }

  const held = Promise.withResolvers<string>();
  const others = Array.from({length: 3}, () => share.run(() => held.promise, elsewhere));
  let isRead = false;
  const last = share.run(async () => {
    isRead = true;
    return 'last';
  }, elsewhere);
  await turn();
  assert.equal(isRead, false, 'three are made at once');
  held.resolve('read');
  assert.deepEqual(await Promise.all(others), ['read', 'read', 'read']);
  assert.equal(await last, 'last');
});

test('reads that wait go elsewhere once the disk is slow, and take no place with them', async t => {
  t.mock.timers.enable({apis: ['setInterval']});
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  const pace = new Pace(false, () => {});
  t.after(() => pace.close());
  const share = new PoolShare(pace);
  const held = Promise.withResolvers<void>();
  const where: string[] = [];
  const read = (name: string) =>
    share.run(
      async () => {
        where.push(`${name} in the pool`);
        await held.promise;
      },
      async () => {
        where.push(`${name} elsewhere`);
      },
    );
  const first = [read('a'), read('b'), read('c')];
  const waiting = [read('d'), read('e')];
  await turn();
  t.mock.timers.tick(100);
  await turn();
  assert.deepEqual(where, ['a in the pool', 'b in the pool', 'c in the pool']);
  // They hang, so the disk is slow.
  nowMs = 300;
  t.mock.timers.tick(100);
  await Promise.all(waiting);
  assert.deepEqual(where.slice(3), ['d elsewhere', 'e elsewhere']);
  held.resolve();
  await Promise.all(first);
  // As many as before may be made, and no more.
  nowMs = 100_000;
  const again = Promise.withResolvers<void>();
  let running = 0;
  const others = Array.from({length: 4}, () =>
    share.run(
      async () => {
        running++;
        await again.promise;
      },
      async () => assert.fail('the disk is fast again'),
    ),
  );
  await turn();
  assert.equal(running, 3);
  again.resolve();
  await Promise.all(others);
  assert.equal(running, 4);
});

test('reads that wait go on in the order in which they came, and nothing looks after them then', async t => {
  const timers = {set: 0, cleared: 0};
  const set = globalThis.setInterval;
  t.mock.method(globalThis, 'setInterval', (...args: Parameters<typeof set>) => {
    timers.set++;
    return set(...args);
  });
  const clear = globalThis.clearInterval;
  t.mock.method(globalThis, 'clearInterval', (timer: NodeJS.Timeout | undefined) => {
    timers.cleared += timer === undefined ? 0 : 1;
    clear(timer);
  });
  const pace = new Pace(false, () => {});
  t.after(() => pace.close());
  const share = new PoolShare(pace);
  const order: number[] = [];
  const reads = Array.from({length: 8}, (_, index) =>
    share.run(
      async () => {
        order.push(index);
        await turn();
      },
      async () => assert.fail('the disk is fast'),
    ),
  );
  await Promise.all(reads);
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(timers, {set: 1, cleared: 1});
});
