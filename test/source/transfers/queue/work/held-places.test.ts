import assert from 'node:assert/strict';
import {closeSync, openSync, writeFileSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {isJangadaError} from '../../../../../protocol/errors.ts';
import {HeldPlaces} from '../../../../../source/transfers/queue/work/held-places.ts';
import {noise, path, startHarness, temporaryFolder, treeOf} from '../../../../fixtures/harness.ts';
import {openQueueClient} from '../../../../fixtures/queue/queue-client.ts';
import {openStore} from '../../../../fixtures/queue/stored-queue.ts';
import {smallDisk} from '../../../../fixtures/small-disk.ts';

const {signal} = new AbortController();

test('if no lock can be made, large and small files are still fetched', async t => {
  const state = temporaryFolder(t);
  writeFileSync(join(state, 'locks'), 'in the way of the folder');
  const {root, target, serve, server} = await startHarness(t);
  serve('small', 'x');
  serve('large', noise(3_000_000));
  const {queue} = openQueueClient(t, join(state, 'queue.db'), server.address);
  queue.add(
    [...treeOf(root)].map(([name, {length}]) => ({
      remotePath: path(name),
      folder: target,
      localPath: name,
      onConflict: 'fail',
      size: length,
    })),
  );
  await queue.idle();
  assert.deepEqual(
    queue.snapshot().rows.map(({state}) => state.name),
    ['done', 'done'],
  );
  assert.deepEqual(treeOf(target), treeOf(root));
});

for (const where of ['with', 'without'] as const) {
  test(`${where} a database, only one transfer of this process holds a place at a time`, async t => {
    const store = openStore(t, join(temporaryFolder(t), 'queue.db'));
    using places = new HeldPlaces(where === 'with' ? store.places : undefined);
    assert.equal(await places.hold(['/to/a', '/to/b'], signal), undefined);
    await assert.rejects(places.hold(['/to/b'], signal), {code: 'locked'});
    places.release(['/to/a', '/to/b']);
    assert.equal(await places.hold(['/to/b'], signal), undefined);
  });
}

test('on a full disk a place of another process is refused, and any other place is free', async t => {
  const disk = smallDisk(t, 1);
  if (disk === undefined) {
    return;
  }

  const file = join(disk, 'queue.db');
  const other = openStore(t, file);
  const own = openStore(t, file);
  other.places.hold(['/to/taken']);
  using places = new HeldPlaces(own.places);
  const filler = openSync(join(disk, 'filler'), 'w');
  t.after(() => closeSync(filler));
  assert.throws(() => {
    for (;;) {
      writeSync(filler, noise(512));
    }
  });
  assert.throws(() => {
    for (;;) {
      own.wishes.make('x:1', {do: 'pause', which: 'all'});
    }
  });
  assert.equal((await places.hold(['/to/taken'], signal))?.place, '/to/taken');
  assert.equal(await places.hold(['/to/free'], signal), undefined);
  (await places.fetchSmallFiles('/to', signal))[Symbol.dispose]();
});

test('a transfer that is stopped while it waits for its place can start again', async t => {
  const file = join(temporaryFolder(t), 'queue.db');
  const other = openStore(t, file);
  const own = openStore(t, file);
  other.places.hold(['/to/a']);
  using places = new HeldPlaces(own.places);
  const stop = new AbortController();
  const stopped = places.hold(['/to/a'], stop.signal);
  stop.abort();
  await assert.rejects(stopped, error => isJangadaError(error, 'aborted'));
  other.places.release(['/to/a']);
  assert.equal(await places.hold(['/to/a'], signal), undefined);
});
