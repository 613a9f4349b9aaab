import assert from 'node:assert/strict';
import {test} from 'node:test';
import {TargetFolder} from '../../../../../source/transfers/disk/folders/target-folder.ts';
import {Room} from '../../../../../source/transfers/disk/room.ts';
import {newRow} from '../../../../../source/transfers/queue/rows/row.ts';
import {RoomWatch} from '../../../../../source/transfers/queue/work/room-watch.ts';
import {path, temporaryFolder} from '../../../../fixtures/harness.ts';
import {newTransfer} from '../../../../fixtures/queue/stored-queue.ts';

test('of transfers that wait for disk space, as many continue as fit together, on each disk', () => {
  // The index is the id of the transfer.
  const waiting = [
    {bytes: 60, device: 1},
    {bytes: 60, device: 1},
    {bytes: 60, device: 2},
    {bytes: 40, device: 1},
  ];
  const wentOn: number[] = [];
  const watch = new RoomWatch({
    room: new Room(),
    waiting: () =>
      waiting.map(({bytes}, id) => newRow(id, id, {...newTransfer(`f${id}`), size: bytes})),
    folderOf: ({id}) => ({
      path: '/to',
      isMade: false,
      at: name => name,
      disk: () => ({device: waiting[id]?.device ?? 0, freeBytes: 100}),
      toFlush: () => [],
      release: () => undefined,
    }),
    isOpen: () => true,
    goOn: ids => wentOn.push(...ids),
  });
  watch.look();
  assert.deepEqual(wentOn, [0, 2, 3]);
});

test('a transfer that stops again without a byte waits longer each time, unless it was settled and begins again', t => {
  const folder = temporaryFolder(t);
  using target = new TargetFolder(folder);
  const file = {remotePath: path('a'), folder, localPath: 'a', size: 1};
  const row = newRow(1, 1, {...file, onConflict: 'resume'});
  let nowMs = 0;
  let isOpen = true;
  let waiting = [row];
  let goneOn = 0;
  const watch = new RoomWatch({
    room: new Room(),
    waiting: () => waiting,
    isOpen: () => isOpen,
    folderOf: () => target.open([]),
    goOn: ids => {
      goneOn += ids.length;
    },
    now: () => nowMs,
  });
  t.after(() => watch.stop());
  const looksUntilItGoesOn = () => {
    const before = goneOn;
    let looks = 0;
    while (goneOn === before) {
      nowMs += 2000;
      looks++;
      watch.look();
    }

    return looks;
  };
  watch.add(row);
  assert.equal(looksUntilItGoesOn(), 1);
  watch.add(row);
  assert.equal(looksUntilItGoesOn(), 2);
  watch.add(row);
  assert.equal(looksUntilItGoesOn(), 4);

  waiting = [];
  isOpen = false;
  watch.look();
  waiting = [row];
  isOpen = true;
  watch.add(row);
  assert.equal(looksUntilItGoesOn(), 1);
});
