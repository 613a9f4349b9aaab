import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {blockSize} from '../../../../protocol/block.ts';
import {openQueueStore} from '../../../../source/transfers/database/open-queue-store.ts';
import {QueueStore} from '../../../../source/transfers/database/queue-store.ts';
import {Queue, type TransferSnapshot} from '../../../../source/transfers/queue/queue.ts';
import {disk} from '../../../../source/transfers/system/disk.ts';
import {
  noise,
  path,
  startHarness,
  temporaryFolder,
  treeOf,
  until,
} from '../../../fixtures/harness.ts';
import {openQueueClient} from '../../../fixtures/queue/queue-client.ts';
import {saveAs} from '../../../fixtures/queue/stored.ts';
import {smallDisk} from '../../../fixtures/small-disk.ts';

test('47: a file that does not fit is not begun, a file that fits arrives, and the other continues by itself when there is space', async t => {
  const disk = smallDisk(t, 8);
  if (disk === undefined) {
    return;
  }

  const {serve, root, queue, download} = await startHarness(t, {target: disk});
  serve('fits', noise(2 * blockSize));
  serve('too large', noise(7 * blockSize, 2));
  writeFileSync(join(disk, 'in the way'), noise(2 * blockSize, 3));
  const [fits, tooLarge] = await download(['fits', 'too large']);
  assert.equal(fits?.state.name, 'done');
  assert.match(noRoom(tooLarge), /more are needed, and .* are free/);
  assert.equal(tooLarge?.verifiedBytes, 0);
  rmSync(join(disk, 'in the way'));
  rmSync(join(disk, 'fits'));
  await until(() => queue.transfer(tooLarge?.id ?? 0)?.state.name === 'done');
  assert.deepEqual(treeOf(disk).get('too large'), treeOf(root).get('too large'));
});

test('47: of small files that do not fit together, those without space are not fetched', async t => {
  const disk = smallDisk(t, 8);
  if (disk === undefined) {
    return;
  }

  const {serve, download} = await startHarness(t, {target: disk, connections: 1});
  const names = Array.from({length: 16}, (_, index) => `small ${index}`);
  for (const [index, name] of names.entries()) {
    serve(name, noise(blockSize - 1, index));
  }

  const rows = await download(names, {sizes: true});
  const without = rows.filter(({state}) => state.name !== 'done');
  assert.ok(without.length > 0 && without.length < rows.length);
  for (const row of without) {
    assert.match(noRoom(row), /more are needed, and .* are free/);
    assert.equal(row.receivedBytes, 0);
  }
});

test('47: if a disk fills up, the partial file is kept, and the transfer continues from it when there is space', async t => {
  const disk = smallDisk(t, 8);
  if (disk === undefined) {
    return;
  }

  const {serve, root, queue, target} = await startHarness(t, {
    target: disk,
    server: {limit: 6 * blockSize},
  });
  serve('a', noise(6 * blockSize));
  const [id = 0] = queue.add([
    {remotePath: path('a'), folder: target, localPath: 'a', onConflict: 'fail'},
  ]);
  const full = new Promise<void>(resolve => {
    const end = queue.subscribe(() => {
      if ((queue.transfer(id)?.verifiedBytes ?? 0) >= blockSize) {
        end();
        writeFileSync(join(disk, 'in the way'), noise(4 * blockSize, 3));
        resolve();
      }
    });
  });
  await full;
  await queue.idle();
  assert.notEqual(noRoom(queue.transfer(id)), '');
  assert.deepEqual(readdirSync(disk).sort(), ['a.jangada-part', 'in the way']);
  rmSync(join(disk, 'in the way'));
  await until(() => queue.transfer(id)?.state.name === 'done');
  assert.ok((queue.transfer(id)?.reusedBytes ?? 0) >= blockSize);
  assert.deepEqual(treeOf(disk), treeOf(root));
});

test('47: two files that fit only one after the other do not stop each other half way', async t => {
  const disk = smallDisk(t, 10);
  if (disk === undefined) {
    return;
  }

  const {serve, queue, root, download} = await startHarness(t, {
    target: disk,
    server: {limit: 12 * blockSize},
  });
  serve('a', noise(6 * blockSize));
  serve('b', noise(6 * blockSize, 2));
  const rows = await download(['a', 'b']);
  assert.deepEqual(rows.map(({state}) => state.name).sort(), ['done', 'paused']);
  const done = rows.find(({state}) => state.name === 'done');
  const waiting = rows.find(({state}) => state.name === 'paused');
  assert.equal(waiting?.verifiedBytes, 0);
  assert.ok(
    readFileSync(done?.target ?? '').equals(readFileSync(join(root, done?.remotePath ?? ''))),
  );
  rmSync(done?.target ?? '');
  await until(() => queue.transfer(waiting?.id ?? 0)?.state.name === 'done');
});

test('47: of many small files, those that fit arrive, and nothing of the others is fetched', async t => {
  const disk = smallDisk(t, 1);
  if (disk === undefined) {
    return;
  }

  const {serve, queue, download} = await startHarness(t, {target: disk});
  const names = Array.from({length: 400}, (_, index) => `s${index}`);
  names.forEach((name, index) => {
    serve(name, noise(8192, index + 1));
  });
  const rows = await download(names, {sizes: true});
  const counts = Object.groupBy(rows, ({state}) => state.name);
  const done = counts.done ?? [];
  assert.ok(done.length > 50 && done.length <= 128, `${done.length}`);
  assert.equal(done.length + (counts.paused?.length ?? 0), names.length);
  for (const {target} of done) {
    rmSync(target);
  }

  await until(() => queue.snapshot().done > done.length);
});

test('47: a pause by the user stays a pause, even if there is space', async t => {
  const disk = smallDisk(t, 4);
  if (disk === undefined) {
    return;
  }

  const {serve, queue, download} = await startHarness(t, {target: disk});
  serve('a', noise(6 * blockSize));
  serve('b', noise(blockSize));
  const [a] = await download(['a']);
  assert.notEqual(noRoom(a), '');
  queue.pause(a?.id ?? 0);
  assert.deepEqual(queue.transfer(a?.id ?? 0)?.state, {name: 'paused'});
});

function noRoom(row: TransferSnapshot | undefined): string {
  return row?.state.name === 'paused' ? (row.state.noRoom ?? '') : '';
}

test('47: a full disk that also has the queue stops nothing for good', async t => {
  const disk = smallDisk(t, 10);
  if (disk === undefined) {
    return;
  }

  using store = new QueueStore(join(disk, 'state/queue.db'));
  const {serve, root, client} = await startHarness(t, {target: join(disk, 'target')});
  const names = ['a', 'b', 'c'];
  names.forEach((name, index) => {
    serve(name, noise(blockSize + 5, index + 1));
  });
  serve('small', 'small');
  fill(join(disk, 'in the way'));
  await using queue = new Queue({client, store});
  const ids = queue.add(
    [...names, 'small'].map(name => ({
      remotePath: path(name),
      folder: join(disk, 'target'),
      localPath: name,
      size: name === 'small' ? 5 : blockSize + 5,
      onConflict: 'resume' as const,
    })),
  );
  await queue.idle();
  rmSync(join(disk, 'in the way'));
  await until(() => ids.every(id => queue.transfer(id)?.state.name === 'done'));
  assert.deepEqual(treeOf(join(disk, 'target')), treeOf(root));
});

test('47: two clients that wait for the same space do the work once, and nothing fails', async t => {
  const disk = smallDisk(t, 6);
  if (disk === undefined) {
    return;
  }

  const {serve, root, server} = await startHarness(t);
  const database = join(temporaryFolder(t), 'queue.db');
  const queues = [0, 1].map(() => openQueueClient(t, database, server.address).queue);
  const names = ['a', 'b', 'c', 'd'];
  names.forEach((name, index) => {
    serve(name, noise(blockSize + 5, index + 1));
  });
  writeFileSync(join(disk, 'in the way'), noise(5.5 * blockSize, 9));
  queues[0]?.add(
    names.map(name => ({
      remotePath: path(name),
      folder: disk,
      localPath: name,
      onConflict: 'resume' as const,
    })),
  );
  await until(() => queues.every(queue => queue.snapshot().waiting === names.length));
  rmSync(join(disk, 'in the way'));
  let failed = 0;
  await until(() => {
    failed += queues.reduce((sum, queue) => sum + queue.snapshot().failed, 0);
    return queues.every(queue => queue.snapshot().done === names.length);
  });
  assert.equal(failed, 0);
  assert.deepEqual(treeOf(disk), treeOf(root));
});

for (const size of [5, 3 * blockSize]) {
  test(`47: a used-up quota is waited for like disk space: a file of ${size} bytes`, async t => {
    const {serve, queue, root, target, download} = await startHarness(t);
    serve('a', noise(size));
    let isUsedUp = true;
    const error = Object.assign(new Error('EDQUOT'), {code: 'EDQUOT'});
    const {write, writeSync} = disk;
    t.mock.method(disk, 'writeSync', (...given: Parameters<typeof writeSync>) => {
      if (isUsedUp) {
        throw error;
      }

      return writeSync(...given);
    });
    t.mock.method(disk, 'write', (...given: Parameters<typeof write>) => {
      if (isUsedUp) {
        given[5](error, 0);
      } else {
        write(...given);
      }
    });
    const [row] = await download(['a'], {sizes: true});
    assert.match(noRoom(row), /the quota is used up; make room and try again$/);
    isUsedUp = false;
    await until(() => queue.transfer(row?.id ?? 0)?.state.name === 'done');
    assert.deepEqual(treeOf(target), treeOf(root));
  });
}

test('47: a transfer that waits for space is found before a long history, and tried again', async t => {
  const disk = smallDisk(t, 3);
  if (disk === undefined) {
    return;
  }

  const {serve, client} = await startHarness(t);
  serve('a', noise(4 * blockSize));
  using store = new QueueStore(join(temporaryFolder(t), 'queue.db'));
  const transfer = (name: string) => ({
    remotePath: path(name),
    folder: disk,
    localPath: name,
    onConflict: 'resume' as const,
  });
  const server = `${client.address.host}:${client.address.port}`;
  const [first] = store.add(server, [transfer('a')]);
  const history = store.add(
    server,
    Array.from({length: 1700}, (_, index) => transfer(`old ${index}`)),
  );
  saveAs(
    store,
    history.map(({id}) => id),
    {name: 'done', outcome: 'verified'},
  );
  saveAs(store, [first?.id ?? 0], {name: 'paused', noRoom: 'full'});
  await using queue = new Queue({client, store});
  await queue.idle();
  assert.match(noRoom(queue.transfer(first?.id ?? 0)), /more are needed/);
});

test('47: without space for a queue, downloads to another disk still work', async t => {
  const disk = smallDisk(t, 1);
  if (disk === undefined) {
    return;
  }

  new QueueStore(join(disk, 'queue.db'))[Symbol.dispose]();
  fill(join(disk, 'in the way'));
  const {store, notice} = openQueueStore({JANGADA_STATE: disk});
  using _store = store;
  assert.equal(store, undefined);
  assert.match(
    notice ?? '',
    /The queue cannot be kept when this program ends: .*queue.db cannot be opened/,
  );
});

/** Write until the disk is full. */
function fill(file: string): void {
  const fd = openSync(file, 'w');
  try {
    for (;;) {
      writeSync(fd, Buffer.alloc(4096));
    }
  } catch {
    closeSync(fd);
  }
}

test('47: a read-only disk is reported, for small and large files', async t => {
  const disk = smallDisk(t, 2);
  if (disk === undefined) {
    return;
  }

  const {serve, download} = await startHarness(t, {target: disk});
  serve('small', 'small');
  serve('large', noise(blockSize + 1));
  spawnSync('mount', ['-o', 'remount,ro', disk]);
  for (const row of await download(['small', 'large'], {sizes: true})) {
    assert.equal(row.state.name, 'failed');
    assert.match(row.state.name === 'failed' ? row.state.reason : '', /read-only/);
  }
});

test('47: a folder without permission to write is reported by name', async t => {
  const {serve, download, target} = await startHarness(t);
  serve('a', 'a');
  // A file in place of the folder: this fails for root, too.
  writeFileSync(target, 'not a folder');
  const [row] = await download(['a']);
  assert.equal(row?.state.name, 'failed');
  assert.match(row?.state.name === 'failed' ? row.state.reason : '', /target/);
});
