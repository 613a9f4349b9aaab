import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Room} from '../../../../../source/transfers/disk/room.ts';
import {newRow} from '../../../../../source/transfers/queue/rows/row.ts';
import {RoomWatch} from '../../../../../source/transfers/queue/work/room-watch.ts';
import {newTransfer} from '../../../../fixtures/queue/stored-queue.ts';

test('of transfers that wait for room as many go on as fit together, on each disk', () => {
  // By id: the bytes that are needed, and the disk.
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
      at: name => name,
      disk: () => ({device: waiting[id]?.device ?? 0, freeBytes: 100}),
      toFlush: () => [],
      release: () => undefined,
    }),
    goOn: ids => wentOn.push(...ids),
  });
  watch.look();
  assert.deepEqual(wentOn, [0, 2, 3]);
});
