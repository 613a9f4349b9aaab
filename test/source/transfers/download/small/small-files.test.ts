import assert from 'node:assert/strict';
import {closeSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {blockSize} from '../../../../../protocol/block.ts';
import {ReceiveBuffers} from '../../../../../source/client/connection/receive-buffers.ts';
import {Ending} from '../../../../../source/transfers/blocks/ending.ts';
import {Flusher, flusher} from '../../../../../source/transfers/disk/flush.ts';
import {
  type OpenFolder,
  TargetFolder,
} from '../../../../../source/transfers/disk/folders/target-folder.ts';
import {
  fetchSmallFiles,
  type SmallFile,
} from '../../../../../source/transfers/download/small/small-files.ts';
import {CheckThreads} from '../../../../../source/transfers/hashing/check-threads.ts';
import type {CheckJob} from '../../../../../source/transfers/hashing/check-worker.ts';
import {Checker, checker} from '../../../../../source/transfers/hashing/checker.ts';
import {freePlaces} from '../../../../fixtures/free-places.ts';
import {noise, path, startHarness, temporaryFolder} from '../../../../fixtures/harness.ts';

/** A flusher on which the first file of every flush cannot be closed afterwards. */
class BadDisk extends Flusher {
  readonly broken: number[] = [];

  override async flushFiles(files: ReadonlyArray<{fd: number; dev: number}>): Promise<void> {
    await super.flushFiles(files);
    const [first] = files;
    if (first !== undefined) {
      closeSync(first.fd);
      this.broken.push(files.length);
    }
  }
}

test('a file that cannot be closed fails and gets no name, and the others continue', async t => {
  const {client, serve} = await startHarness(t);
  const names = Array.from({length: 300}, (_, index) => `f${index}`);
  for (const [index, name] of names.entries()) {
    serve(name, noise(100, index));
  }

  const target = temporaryFolder(t);
  using root = new TargetFolder(target);
  const folder = root.open([]);
  t.after(() => folder.release());
  const ended = new Map<string, string>();
  const end = (name: string, how: string) => {
    assert.ok(!ended.has(name), `${name} is told once how it ended`);
    ended.set(name, how);
  };
  const files = names.map(
    (name): SmallFile => ({
      remotePath: path(name),
      folder,
      name,
      size: 100,
      onConflict: 'fail',
      wanted: () => !ended.has(name),
      tell(event) {
        if (event.type !== 'progress' && event.type !== 'finish') {
          end(name, event.type === 'failed' ? event.error.code : event.type);
        }
      },
    }),
  );
  const disk = new BadDisk();
  await client.withConnection(connection =>
    fetchSmallFiles(connection, files, {
      blocks: new ReceiveBuffers(8),
      checker,
      flusher: disk,
      algorithm: 'sha256',
      checksums: false,
      ending: new Ending(),
    }),
  );
  assert.ok(disk.broken.length > 1);
  const failed = names.filter(name => ended.get(name) === 'local_io');
  const done = names.filter(name => ended.get(name) === 'done');
  assert.equal(failed.length, disk.broken.length);
  assert.equal(done.length, names.length - failed.length);
  assert.deepEqual(
    readdirSync(target).sort(),
    [...done, ...failed.map(name => `${name}.jangada-part`)].sort(),
  );
});

test('a folder is flushed once for a group of files', async t => {
  const {serve, download} = await startHarness(t);
  const names = Array.from({length: 100}, (_, index) => `d${index % 2}/f${index}`);
  for (const name of names) {
    serve(name, name);
  }

  const flushed: number[] = [];
  const flushFolders = flusher.flushFolders.bind(flusher);
  t.mock.method(flusher, 'flushFolders', (folders: Iterable<OpenFolder>) => {
    const all = [...folders];
    flushed.push(all.length);
    return flushFolders(all);
  });
  await download(names, {sizes: true});
  assert.ok(flushed.length > 0);
  assert.ok(Math.max(...flushed) <= 2, `${flushed} folders`);
});

/** Counts the small files in each job of a thread. */
class CountingThreads extends CheckThreads {
  readonly files: number[] = [];

  override run: CheckThreads['run'] = (job, path, options) => {
    if (isSmallFiles(job)) {
      this.files.push(job.files.length);
    }

    return super.run(job, path, options);
  };
}

function isSmallFiles(job: CheckJob): job is Extract<CheckJob, {kind: 'small files'}> {
  return job.kind === 'small files';
}

test('existing small files are hashed on the threads, a few at a time', async t => {
  const {client, serve} = await startHarness(t);
  const names = Array.from({length: 70}, (_, index) => `f${index}`);
  const size = blockSize;
  const target = temporaryFolder(t);
  for (const [index, name] of names.entries()) {
    serve(name, noise(size, index));
    writeFileSync(join(target, name), noise(size, index));
  }

  // The same size, but other bytes.
  writeFileSync(join(target, 'f1'), noise(size, 1000));
  using root = new TargetFolder(target);
  const folder = root.open([]);
  const ended = new Map<string, string>();
  let reusedBytes = 0;
  const files = names.map(
    (name): SmallFile => ({
      ...{remotePath: path(name), folder, name, size, onConflict: 'resume'},
      wanted: () => !ended.has(name),
      tell(event) {
        ended.set(name, event.type);
        reusedBytes += event.type === 'done' ? (event.arrived?.reusedBytes ?? 0) : 0;
      },
    }),
  );
  const threads = new CountingThreads();
  await client.withConnection(connection =>
    fetchSmallFiles(connection, files, {
      blocks: new ReceiveBuffers(8),
      checker: new Checker(threads),
      flusher,
      algorithm: 'sha256',
      checksums: false,
      ending: new Ending(),
    }),
  );
  folder.release();
  assert.equal(ended.get('f1'), 'leave');
  assert.equal([...ended.values()].filter(how => how === 'done').length, names.length - 1);
  assert.equal(reusedBytes, (names.length - 1) * size);
  const hashed = threads.files.reduce((sum, count) => sum + count, 0);
  assert.equal(hashed, names.length, 'every one on a thread');
  assert.equal(Math.max(...threads.files), 1, 'none waits long for its thread');
});

test('small files that are paused while they arrive give back their places for open files', async t => {
  const {client, serve} = await startHarness(t);
  const names = Array.from({length: 20}, (_, index) => `f${index}`);
  for (const name of names) {
    serve(name, noise(100));
  }

  const target = temporaryFolder(t);
  using root = new TargetFolder(target);
  const folder = root.open([]);
  t.after(() => folder.release());
  const before = freePlaces();
  let isWanted = true;
  await client.withConnection(async connection => {
    const fetched = fetchSmallFiles(
      connection,
      names.map(name => ({
        ...{remotePath: path(name), folder, name, size: 100, onConflict: 'fail'},
        wanted: () => isWanted,
        tell: () => undefined,
      })),
      {
        ...{blocks: new ReceiveBuffers(8), checker, flusher, ending: new Ending()},
        ...{algorithm: 'sha256', checksums: false},
      },
    );
    // All files have been requested, and none has arrived.
    assert.equal(freePlaces(), before - names.length);
    isWanted = false;
    await fetched;
  });
  assert.equal(freePlaces(), before);
  assert.deepEqual(readdirSync(target), []);
});

test('small files that are compared or are missing on the server give back their places for open files', async t => {
  const {client, serve} = await startHarness(t);
  const target = temporaryFolder(t);
  for (const [name, bytes] of [
    ['same', 'right'],
    ['other', 'wrong'],
  ] as const) {
    serve(name, 'right');
    writeFileSync(join(target, name), bytes);
  }

  writeFileSync(join(target, 'gone'), 'right');
  using root = new TargetFolder(target);
  const folder = root.open([]);
  t.after(() => folder.release());
  const before = freePlaces();
  const ended: string[] = [];
  await client.withConnection(connection =>
    fetchSmallFiles(
      connection,
      ['same', 'other', 'gone'].map(name => ({
        ...{remotePath: path(name), folder, name, size: 5, onConflict: 'resume'},
        wanted: () => true,
        tell({type}) {
          if (type === 'done' || type === 'leave' || type === 'failed') {
            ended.push(`${name} ${type}`);
          }
        },
      })),
      {
        ...{blocks: new ReceiveBuffers(8), checker, flusher, ending: new Ending()},
        ...{algorithm: 'sha256', checksums: false},
      },
    ),
  );
  assert.deepEqual(ended.sort(), ['gone failed', 'other leave', 'same done']);
  assert.equal(freePlaces(), before);
});
