import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {TargetFolder} from '../../../../../source/transfers/disk/folders/target-folder.ts';
import {Room} from '../../../../../source/transfers/disk/room.ts';
import {newRow, rowAfter} from '../../../../../source/transfers/queue/rows/row.ts';
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

/** A watch on one transfer that waits, on a disk with `freeBytes`. */
function startWatch(t: TestContext, freeBytes: number | undefined) {
  t.mock.timers.enable({apis: ['setInterval']});
  let nowMs = 0;
  const state = {
    row: newRow(1, 1, {...newTransfer('a'), size: 100}),
    freeBytes,
    isWaiting: true,
    hasFolder: true,
  };
  const counts = {goneOn: 0, opened: 0, released: 0};
  const watch = new RoomWatch({
    room: new Room(),
    waiting: () => (state.isWaiting ? [state.row] : []),
    isOpen: () => state.isWaiting,
    folderOf() {
      if (!state.hasFolder) {
        return undefined;
      }

      counts.opened++;
      return {
        path: '/to',
        isMade: false,
        at: name => name,
        disk: () =>
          state.freeBytes === undefined ? undefined : {device: 1, freeBytes: state.freeBytes},
        toFlush: () => [],
        release: () => counts.released++,
      };
    },
    goOn: ids => {
      counts.goneOn += ids.length;
    },
    now: () => nowMs,
  });
  t.after(() => watch.stop());
  return {
    ...{watch, state, counts},
    pass(ms: number) {
      for (let left = ms; left > 0; left -= 2000) {
        nowMs += 2000;
        t.mock.timers.tick(2000);
      }
    },
  };
}

test('a transfer goes on when the bytes that it still needs are free, and its folder is not kept open', t => {
  const {watch, state, counts} = startWatch(t, 99);
  watch.look();
  assert.equal(counts.goneOn, 0);
  state.freeBytes = 100;
  watch.look();
  assert.equal(counts.goneOn, 1);
  state.freeBytes = 40;
  watch.look();
  assert.equal(counts.goneOn, 1);
  const progress = {receivedBytes: 70, verifiedBytes: 60, reusedBytes: 0, copiedBytes: 0};
  state.row = rowAfter(state.row, {type: 'progress', ...progress});
  watch.look();
  assert.equal(counts.goneOn, 2);
  // Of a file of unknown size one byte at least.
  state.row = newRow(1, 1, {...newTransfer('a'), size: undefined});
  state.freeBytes = 0;
  watch.look();
  assert.equal(counts.goneOn, 2);
  state.freeBytes = 1;
  watch.look();
  assert.equal(counts.goneOn, 3);
  assert.deepEqual([counts.opened, counts.released], [6, 6]);
});

test('where the system reports no free bytes the transfer tries, and where there is no disk it does not', t => {
  const {watch, state, counts} = startWatch(t, undefined);
  state.hasFolder = false;
  watch.look();
  assert.equal(counts.goneOn, 0);
  state.hasFolder = true;
  watch.look();
  assert.equal(counts.goneOn, 1);
});

test('a transfer that gets nowhere is tried once a minute at last, and soon again once it got further', t => {
  const {watch, state, counts, pass} = startWatch(t, 1000);
  const triesIn = (ms: number) => {
    const before = counts.goneOn;
    pass(ms);
    return counts.goneOn - before;
  };
  for (let attempt = 0; attempt < 8; attempt++) {
    watch.add(state.row);
  }

  assert.equal(triesIn(58_000), 0);
  assert.equal(triesIn(2000), 1);
  const progress = {receivedBytes: 1, verifiedBytes: 1, reusedBytes: 0, copiedBytes: 0};
  state.row = rowAfter(state.row, {type: 'progress', ...progress});
  watch.add(state.row);
  assert.equal(triesIn(2000), 1);
});

test('the clock stops when nothing waits any more, and starts once for all that wait', t => {
  const {watch, state, counts, pass} = startWatch(t, 1000);
  watch.start();
  watch.start();
  pass(2000);
  assert.equal(counts.goneOn, 1);
  watch.add(state.row);
  state.isWaiting = false;
  pass(2000);
  state.isWaiting = true;
  pass(10_000);
  assert.equal(counts.goneOn, 1);
  watch.start();
  pass(2000);
  watch.stop();
  pass(2000);
  assert.equal(counts.goneOn, 2);
});
