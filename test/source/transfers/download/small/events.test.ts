import assert from 'node:assert/strict';
import {test} from 'node:test';
import {ReceiveBuffers} from '../../../../../source/client/connection/receive-buffers.ts';
import {Ending} from '../../../../../source/transfers/blocks/ending.ts';
import {flusher} from '../../../../../source/transfers/disk/flush.ts';
import {TargetFolder} from '../../../../../source/transfers/disk/folders/target-folder.ts';
import type {SmallFile} from '../../../../../source/transfers/download/small/small-file.ts';
import {fetchSmallFiles} from '../../../../../source/transfers/download/small/small-files.ts';
import {checker} from '../../../../../source/transfers/hashing/checker.ts';
import type {DownloadEvent} from '../../../../../source/transfers/terms/download-event.ts';
import {path, startHarness, temporaryFolder} from '../../../../fixtures/harness.ts';

test('a small file tells two things: that it gets its name, and that it is done, with its bytes', async t => {
  const {serve, client} = await startHarness(t);
  const names = Array.from({length: 300}, (_, index) => `f${index}`);
  for (const name of names) {
    serve(name, name);
  }

  using root = new TargetFolder(temporaryFolder(t));
  const folder = root.open([]);
  t.after(() => folder.release());
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
  const arrived = told.flatMap(event => (event.type === 'done' ? (event.arrived ?? []) : []));
  assert.equal(told.length, 2 * names.length);
  assert.equal(arrived.length, names.length);
  assert.equal(
    arrived.reduce((sum, {verifiedBytes}) => sum + verifiedBytes, 0),
    names.join('').length,
  );
});
