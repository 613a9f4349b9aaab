import assert from 'node:assert/strict';
import {readdirSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {Flusher} from '../../../../../source/transfers/disk/flush.ts';
import {TargetFolder} from '../../../../../source/transfers/disk/folders/target-folder.ts';
import {openFiles} from '../../../../../source/transfers/disk/open-files.ts';
import {FlushGroup} from '../../../../../source/transfers/download/small/flush-group.ts';
import type {SmallFile} from '../../../../../source/transfers/download/small/small-file.ts';
import {disk} from '../../../../../source/transfers/system/disk.ts';
import type {DownloadEvent} from '../../../../../source/transfers/terms/download-event.ts';
import {stateOf} from '../../../../../source/transfers/terms/file-state.ts';
import {freePlaces} from '../../../../fixtures/free-places.ts';
import {noise, temporaryFolder} from '../../../../fixtures/harness.ts';
import {type Endings, smallFile} from '../../../../fixtures/small-group.ts';

/** Notes how many files are flushed at once. */
class CountingFlusher extends Flusher {
  readonly counts: number[] = [];

  override async flushFiles(files: Parameters<Flusher['flushFiles']>[0]): Promise<void> {
    this.counts.push(files.length);
    await super.flushFiles(files);
  }
}

const mtimeMs = 1_600_000_000_000;

/** A group of which this process writes all files. */
function startGroup(t: TestContext, states = false) {
  const target = new TargetFolder(temporaryFolder(t));
  const folder = target.open([]);
  t.after(() => {
    folder.release();
    target[Symbol.dispose]();
  });
  const flusher = new CountingFlusher();
  const noWriter = {take: () => undefined} as never;
  const group = new FlushGroup(flusher, states, noWriter);
  const endings: Endings = new Map();
  const told: Array<{name: string; event: DownloadEvent}> = [];
  const add = (name: string, more: Partial<SmallFile> = {}) => {
    assert.ok(openFiles.take());
    const file = smallFile(folder, name, 5, endings, event => told.push({name, event}));
    const remote = {size: 5, mtimeMs, version: 'v'};
    return group.add({...file, ...more}, remote, noise(5), 'its sha256');
  };
  return {group, folder, flusher, add, endings, told};
}

test('files are flushed 128 at a time, and the next ones are counted from nothing', async t => {
  const {group, flusher, add, endings} = startGroup(t);
  for (let index = 0; index < 127; index++) {
    add(`f${index}`);
  }

  assert.deepEqual(flusher.counts, []);
  add('f127');
  assert.deepEqual(flusher.counts, [128]);
  for (let index = 128; index < 255; index++) {
    add(`f${index}`);
  }

  assert.deepEqual(flusher.counts, [128]);
  await group.flush();
  assert.deepEqual(flusher.counts, [128, 127]);
  assert.deepEqual([...new Set(endings.values())], ['done']);
  assert.equal(endings.size, 255);
});

test('a file is done with its SHA-256, its bytes as fetched ones, and its state if that is wanted', async t => {
  for (const states of [false, true]) {
    const {group, folder, add, told} = startGroup(t, states);
    add('a');
    await group.flush();
    assert.deepEqual(
      told.map(({event}) => event.type),
      ['finish', 'done'],
    );
    const state = stateOf(statSync(join(folder.path, 'a'), {bigint: true}));
    const copy = states ? {state, remote: {size: 5, mtimeMs, version: 'v'}} : undefined;
    const arrived = {receivedBytes: 5, verifiedBytes: 5, reusedBytes: 0, copiedBytes: 0};
    const sha256 = 'its sha256';
    assert.deepEqual(told[1]?.event, {type: 'done', outcome: 'verified', sha256, copy, arrived});
  }
});

test('a file that already has a partial is left to a download of its own, and gives its place back', async t => {
  const {group, folder, add, endings} = startGroup(t);
  const before = freePlaces();
  writeFileSync(join(folder.path, 'a.jangada-part'), 'of an earlier run');
  assert.equal(add('a'), true);
  assert.equal(add('b'), true);
  await group.flush();
  assert.deepEqual(Object.fromEntries(endings), {a: 'leave', b: 'done'});
  assert.deepEqual(readdirSync(folder.path).sort(), ['a.jangada-part', 'b']);
  assert.equal(freePlaces(), before);
});

test('a file that the disk does not take fails with the reason, and gives its place back', async t => {
  const {group, folder, add, endings} = startGroup(t);
  const before = freePlaces();
  const {writeSync} = disk;
  let count = 0;
  t.mock.method(disk, 'writeSync', (...given: Parameters<typeof writeSync>) => {
    if (++count === 1) {
      throw Object.assign(new Error('ENOSPC'), {code: 'ENOSPC'});
    }

    return writeSync(...given);
  });
  assert.equal(add('a'), true);
  assert.equal(add('b'), true);
  await group.flush();
  assert.deepEqual(Object.fromEntries(endings), {a: 'no_space', b: 'done'});
  assert.deepEqual(readdirSync(folder.path), ['b']);
  assert.equal(freePlaces(), before);
});

test('a file whose time cannot be written fails, and gets no name', async t => {
  const {group, folder, add, endings} = startGroup(t);
  t.mock.method(disk, 'futimesSync', () => {
    throw Object.assign(new Error('EIO'), {code: 'EIO'});
  });
  const before = freePlaces();
  add('a');
  await group.flush();
  assert.equal(endings.get('a'), 'local_io');
  assert.deepEqual(readdirSync(folder.path), ['a.jangada-part']);
  assert.equal(freePlaces(), before);
});

test('files with overwrite replace what has their name, and no others do', async t => {
  const {group, folder, add, endings} = startGroup(t);
  for (const name of ['over', 'newer', 'resume', 'fail']) {
    writeFileSync(join(folder.path, name), 'mine');
  }

  add('over', {onConflict: 'overwrite'});
  add('newer', {onConflict: 'newer'});
  add('resume', {onConflict: 'resume'});
  add('fail', {onConflict: 'fail'});
  await group.flush();
  assert.deepEqual(Object.fromEntries(endings), {
    ...{over: 'done', newer: 'done', resume: 'done', fail: 'exists'},
  });
});

test('an error of a flush that was begun without waiting is not lost: its files have failed', async t => {
  const {group, add, endings, flusher} = startGroup(t);
  t.mock.method(flusher, 'flushFolders', async () => {
    throw Object.assign(new Error('EIO'), {code: 'EIO'});
  });
  add('a');
  group.startFlush();
  await group.flush();
  assert.equal(endings.get('a'), 'local_io');
});
