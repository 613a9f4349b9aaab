import assert from 'node:assert/strict';
import {closeSync, ftruncateSync, openSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {parseRemotePath, rootPath} from '../../../../../protocol/remote-path.ts';
import {CallThreads} from '../../../../../server/store/folder/disk/call-threads.ts';
import {openRoot} from '../../../../../server/store/folder/root/open-root.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';

const size = 64 * 1_048_576;

test('a thread that is busy again is not ended for having been idle', async t => {
  const folder = temporaryFolder(t);
  const descriptor = openSync(join(folder, 'file'), 'w+');
  ftruncateSync(descriptor, size);
  const root = openRoot(folder);
  const threads = new CallThreads(root.handle);
  t.after(async () => {
    await threads.close();
    root.close();
    closeSync(descriptor);
  });
  using timers = t.mock.timers;
  timers.enable({apis: ['setTimeout']});
  const path = parseRemotePath('file');
  assert.equal((await threads.run('stat', [path])).size, size);
  const reading = threads.run('read', [descriptor, 0, size, path]);
  // Longer than a thread is kept that has nothing to do.
  timers.tick(60_000);
  assert.equal((await reading).length, size);
});

test('a call that comes while an idle thread is being ended is made in another one', async t => {
  const folder = temporaryFolder(t);
  const root = openRoot(folder);
  const threads = new CallThreads(root.handle);
  t.after(async () => {
    await threads.close();
    root.close();
  });
  using timers = t.mock.timers;
  timers.enable({apis: ['setTimeout']});
  assert.equal((await threads.run('stat', [rootPath])).type, 'folder');
  timers.tick(60_000);
  assert.equal((await threads.run('stat', [rootPath])).type, 'folder');
});
