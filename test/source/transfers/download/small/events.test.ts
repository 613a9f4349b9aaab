import assert from 'node:assert/strict';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {ReceiveBuffers} from '../../../../../source/client/connection/receive-buffers.ts';
import {Ending} from '../../../../../source/transfers/blocks/ending.ts';
import {flusher} from '../../../../../source/transfers/disk/flush.ts';
import {TargetFolder} from '../../../../../source/transfers/disk/folders/target-folder.ts';
import type {SmallFile} from '../../../../../source/transfers/download/small/small-file.ts';
import {fetchSmallFiles} from '../../../../../source/transfers/download/small/small-files.ts';
import {checker} from '../../../../../source/transfers/hashing/checker.ts';
import type {DownloadEvent} from '../../../../../source/transfers/terms/download-event.ts';
import {path, startHarness, temporaryFolder} from '../../../../fixtures/harness.ts';

/** @returns a function that fetches files, whose contents are their names, into a folder, and returns their events. */
async function startFetching(t: TestContext, names: readonly string[]) {
  const {serve, client} = await startHarness(t);
  for (const name of names) {
    serve(name, name);
  }

  return async (target: TargetFolder, folders: readonly string[]): Promise<DownloadEvent[]> => {
    const folder = target.open(folders);
    const told: DownloadEvent[] = [];
    const files = names.map(
      (name): SmallFile => ({
        ...{remotePath: path(name), folder, name, size: name.length, onConflict: 'fail'},
        wanted: () => true,
        tell: event => told.push(event),
      }),
    );
    await client.withConnection(connection =>
      fetchSmallFiles(connection, files, {
        ...{blocks: new ReceiveBuffers(8), checker, flusher, algorithm: 'sha256', checksums: false},
        ending: new Ending(),
      }),
    );
    folder.release();
    return told;
  };
}

test('a small file reports two events: that it gets its name, and that it is done, with its bytes', async t => {
  const names = Array.from({length: 300}, (_, index) => `f${index}`);
  const fetch = await startFetching(t, names);
  using target = new TargetFolder(temporaryFolder(t));
  const told = await fetch(target, []);
  const arrived = told.flatMap(event => (event.type === 'done' ? (event.arrived ?? []) : []));
  assert.equal(told.length, 2 * names.length);
  assert.equal(arrived.length, names.length);
  assert.equal(
    arrived.reduce((sum, {verifiedBytes}) => sum + verifiedBytes, 0),
    names.join('').length,
  );
});

test('in a new folder nothing is checked before the fetch, and a file that appears there meanwhile is not changed', async t => {
  const fetch = await startFetching(t, ['a', 'b']);
  const parent = temporaryFolder(t);
  using target = new TargetFolder(parent);
  const open = target.open(['new']);
  assert.equal(open.isMade, true);
  const there = join(parent, 'new', 'a');
  writeFileSync(there, 'not of the server');
  const told = await fetch(target, ['new']);
  const failed = told.flatMap(event => (event.type === 'failed' ? event.error.code : []));
  assert.deepEqual(failed, ['exists']);
  assert.equal(readFileSync(there, 'utf8'), 'not of the server');
  assert.equal(readFileSync(join(parent, 'new', 'b'), 'utf8'), 'b');
  open.release();

  // After it is opened again, it is checked: the existing file is seen before anything is fetched.
  writeFileSync(join(parent, 'new', 'b'), 'nor this');
  assert.deepEqual(
    (await fetch(target, ['new'])).map(({type}) => type),
    ['leave', 'leave'],
  );
  assert.equal(existsSync(join(parent, 'new', 'b.jangada-part')), false);
});
