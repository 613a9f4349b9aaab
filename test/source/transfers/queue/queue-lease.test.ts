import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {DatabaseSync} from 'node:sqlite';
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

test('who works on a queue is announced once, as soon as that can be written, and found by the others', t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const store = openStore(t, file);
  store.patienceMs = 0;
  using worker = new QueueLease(store, 'server:1');
  using companion = new QueueLease(openStore(t, file), 'server:1');
  assert.equal(companion.findWorker(), false);
  const holder = new DatabaseSync(file);
  t.after(() => holder.close());
  holder.exec('BEGIN IMMEDIATE');
  worker.announce();
  holder.exec('COMMIT');
  assert.equal(companion.findWorker(), false);
  worker.announce();
  const {seq} = store;
  worker.announce();
  assert.equal(store.seq, seq);
  assert.equal(companion.findWorker(), true);
  assert.deepEqual(companion.worker, {host: hostname(), pid: process.pid});
  assert.equal(companion.findWorker(), false);
  // The same number on another machine is another process.
  holder.exec("UPDATE worker SET host = 'lab'");
  assert.deepEqual([companion.findWorker(), companion.worker?.host], [true, 'lab']);
  holder.exec('ALTER TABLE worker RENAME TO elsewhere');
  assert.deepEqual([companion.findWorker(), companion.worker?.host], [false, 'lab']);
});
