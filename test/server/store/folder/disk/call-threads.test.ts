import assert from 'node:assert/strict';
import {closeSync, ftruncateSync, openSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {parseRemotePath, rootPath} from '../../../../../protocol/remote-path.ts';
import {CallThreads} from '../../../../../server/store/folder/disk/call-threads.ts';
import {openRoot} from '../../../../../server/store/folder/root/open-root.ts';
import {temporaryFolder} from '../../../../fixtures/harness.ts';
import {patternedBytes} from '../../../../fixtures/server/server-folder.ts';

const size = 64 * 1_048_576;

test('a thread that was idle is not ended once it is busy again', async t => {
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
  const reading = threads.read(descriptor, Buffer.alloc(size), 0, path);
  // Longer than an idle thread is kept.
  timers.tick(60_000);
  assert.equal(await reading, size);
});

test('a call that arrives while an idle thread ends runs in another thread', async t => {
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

test('many reads together need one buffer for each thread, and each gets its own bytes', async t => {
  const folder = temporaryFolder(t);
  const content = patternedBytes(8 * 1_048_576 + 5);
  writeFileSync(join(folder, 'file'), content);
  const descriptor = openSync(join(folder, 'file'), 'r');
  const root = openRoot(folder);
  const threads = new CallThreads(root.handle);
  t.after(async () => {
    await threads.close();
    root.close();
    closeSync(descriptor);
  });
  const path = parseRemotePath('file');
  const into = Array.from({length: 9}, () => Buffer.alloc(1_048_576));
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for (let round = 0; round < 40; round++) {
    const lengths = await Promise.all(
      into.map((block, index) => threads.read(descriptor, block, index * 1_048_576, path)),
    );
    assert.deepEqual(lengths, [...Array(8).fill(1_048_576), 5]);
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }

  for (const [index, block] of into.entries()) {
    const expected = content.subarray(index * 1_048_576, (index + 1) * 1_048_576);
    assert.ok(block.subarray(0, expected.length).equals(expected), `block ${index}`);
  }

  assert.ok(most < 24 * 1_048_576, `${most} bytes`);
});
