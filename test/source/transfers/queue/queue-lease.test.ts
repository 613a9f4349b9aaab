import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {QueueLease} from '../../../../source/transfers/queue/queue-lease.ts';
import {temporaryFolder} from '../../../fixtures/harness.ts';
import {openStore} from '../../../fixtures/queue/stored-queue.ts';

test('a client that cannot lock the queue of a server leaves the work to others', t => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'locks'), 'in the way');
  const store = openStore(t, join(folder, 'queue.db'));
  using lease = new QueueLease(store, 'server:1');
  assert.throws(() => lease.take(), {code: 'unsafe_target'});
  assert.equal(lease.tryToTake(), false);
});

test('of two clients one has the queue of a server, and the other gets it when the first one has left', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const first = new QueueLease(openStore(t, file), 'server:1');
  using second = new QueueLease(openStore(t, file), 'server:1');
  assert.deepEqual([first.tryToTake(), second.tryToTake()], [true, false]);
  first[Symbol.dispose]();
  assert.equal(second.tryToTake(), true);
});
