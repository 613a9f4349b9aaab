import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {path, temporaryFolder} from '../../../../fixtures/harness.ts';
import {startMetered} from '../../../../fixtures/metered.ts';
import {openStore} from '../../../../fixtures/queue/stored-queue.ts';

const known = {
  version: 'v1',
  algorithm: 'sha256',
  state: '1:2:3:4',
  digests: Buffer.alloc(32, 7),
} as const;

test('a partial that is deleted is forgotten with its digests, and those beside it are kept', async t => {
  const locks = openStore(t, join(temporaryFolder(t), 'queue.db'));
  const {queue, target} = await startMetered(t, {locks});
  mkdirSync(join(target, 'sub'), {recursive: true});
  const places = ['a', 'b'].map(name => join(realpathSync(target), 'sub', name));
  for (const place of places) {
    writeFileSync(`${place}.jangada-part`, 'begun');
    locks.partials.remember(place, known);
  }

  const transfer = {folder: target, onConflict: 'fail'} as const;
  const [id = 0] = queue.add([{...transfer, remotePath: path('x'), localPath: 'sub/a'}]);
  queue.cancel(id, {deletePartial: true});
  assert.deepEqual(queue.transfer(id)?.state, {name: 'canceled'});
  assert.deepEqual(readdirSync(join(target, 'sub')), ['b.jangada-part']);
  assert.deepEqual(
    places.map(place => locks.partials.recall(place)),
    [undefined, known],
  );
});

test('to delete a partial that never was makes no folder, neither the target nor one below it', async t => {
  const {queue, target} = await startMetered(t);
  const cancel = () => {
    const transfer = {folder: target, onConflict: 'fail'} as const;
    const [id = 0] = queue.add([{...transfer, remotePath: path('x'), localPath: 'sub/a'}]);
    queue.cancel(id, {deletePartial: true});
    assert.deepEqual(queue.transfer(id)?.state, {name: 'canceled'});
  };
  cancel();
  assert.equal(existsSync(target), false);
  mkdirSync(target);
  cancel();
  assert.deepEqual(readdirSync(target), []);
});

test('a partial that another process writes stays, and the transfer says which process that is', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const [locks, others] = [openStore(t, file), openStore(t, file)];
  const {queue, target} = await startMetered(t, {locks});
  mkdirSync(target);
  const place = join(realpathSync(target), 'a');
  writeFileSync(`${place}.jangada-part`, 'begun');
  assert.equal(others.places.hold([place]).size, 0);
  const transfer = {folder: target, onConflict: 'fail'} as const;
  const [id = 0] = queue.add([{...transfer, remotePath: path('x'), localPath: 'a'}]);
  queue.cancel(id, {deletePartial: true});
  const {state} = queue.transfer(id) ?? {};
  assert.equal(state?.name === 'failed' && state.code, 'locked');
  assert.deepEqual(readdirSync(target), ['a.jangada-part']);
});
