import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {OpenFolder} from '../../../../source/transfers/disk/folders/target-folder.ts';
import {leftWithoutRoom, Room} from '../../../../source/transfers/disk/room.ts';

/** A folder on a disk with so many free bytes. */
function folderOn(device: number, freeBytes: number | undefined): OpenFolder {
  return {
    path: `/disk ${device}`,
    isMade: false,
    at: name => name,
    disk: () => (freeBytes === undefined ? undefined : {device, freeBytes}),
    toFlush: () => [],
    release: () => undefined,
  };
}

test('what is claimed is free for no other download of that disk until it has come or is given up', () => {
  const room = new Room();
  const folder = folderOn(1, 100);
  let neededBytes = 60;
  const claim = room.claim(folder, () => neededBytes);
  assert.deepEqual(room.free(folder), {device: 1, bytes: 40});
  assert.deepEqual(room.free(folderOn(2, 100)), {device: 2, bytes: 100});
  neededBytes = 10;
  assert.deepEqual(room.free(folder), {device: 1, bytes: 90});
  // More has come than was needed: that is no room for others.
  neededBytes = -50;
  assert.deepEqual(room.free(folder), {device: 1, bytes: 100});
  neededBytes = 300;
  assert.deepEqual(room.free(folder), {device: 1, bytes: 0});
  claim[Symbol.dispose]();
  assert.deepEqual(room.free(folder), {device: 1, bytes: 100});
});

test('a download that needs just what is free gets it, and one byte more is refused in numbers', () => {
  const room = new Room();
  const folder = folderOn(1, 3_000_000);
  room.claim(folder, () => 1_000_000);
  assert.throws(() => room.claim(folder, () => 2_000_001), {
    code: 'no_space',
    message: '/disk 1: 2 MB more are needed, and 2 MB are free',
  });
  // What was refused is not claimed.
  assert.deepEqual(room.free(folder), {device: 1, bytes: 2_000_000});
  room.claim(folder, () => 2_000_000);
  assert.deepEqual(room.free(folder), {device: 1, bytes: 0});
});

test('where the system reports no free bytes every download may try', () => {
  const room = new Room();
  const folder = folderOn(1, undefined);
  assert.equal(room.free(folder), undefined);
  room.claim(folder, () => Number.MAX_SAFE_INTEGER)[Symbol.dispose]();
});

test('a file that is left without room says once to make room', () => {
  assert.equal(leftWithoutRoom('full'), 'full; make room and run it again');
  const said = '/to: the disk is full; make room and try again';
  assert.equal(leftWithoutRoom(said), said);
});
