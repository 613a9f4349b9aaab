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
