import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {getEventListeners} from 'node:events';
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  open,
  openSync,
  readdirSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {openLocal} from '../../../../source/transfers/disk/open-local.ts';
import {verifyFile} from '../../../../source/transfers/download/verify.ts';
import {path, startHarness, temporaryFolder, until} from '../../../fixtures/harness.ts';
import {withTypeScript} from '../../../fixtures/with-typescript.ts';

/** The number of threads for the asynchronous calls of this process. */
const threads = Number(process.env.UV_THREADPOOL_SIZE ?? 4);

/** Blocks all threads in a call, like a disk that hangs. @returns a function that ends these calls. */
function hangDisk(t: TestContext): () => Promise<void> {
  const folder = temporaryFolder(t);
  const fifos = Array.from({length: threads}, (_, index) => join(folder, `fifo${index}`));
  execFileSync('mkfifo', fifos);
  let ended = 0;
  for (const fifo of fifos) {
    open(fifo, 'r', (error, fd) => {
      assert.equal(error, null);
      closeSync(fd);
      ended++;
    });
  }

  return () =>
    until(() => {
      for (const fifo of fifos) {
        // Opening for writing ends the call of the reader.
        closeSync(openSync(fifo, constants.O_RDWR));
      }

      return ended === threads;
    });
}

/** The number of descriptors of this process for `file`. */
function openOn(file: string): number {
  return readdirSync('/proc/self/fd').filter(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === file;
    } catch {
      // The descriptor with which the folder was read.
      return false;
    }
  }).length;
}

test('a regular file is opened, and anything else is refused at once', async t => {
  const folder = temporaryFolder(t);
  const [file, fifo, below] = ['file', 'fifo', 'below'].map(name => join(folder, name));
  writeFileSync(file ?? '', 'abc');
  execFileSync('mkfifo', [fifo ?? '']);
  mkdirSync(below ?? '');
  const fd = await openLocal(file ?? '');
  assert.equal(fstatSync(fd).size, 3);
  closeSync(fd);
  for (const other of [fifo, below, '/dev/null']) {
    await assert.rejects(openLocal(other ?? ''), {code: 'local_io', message: /is not a file$/});
  }

  await assert.rejects(openLocal(join(folder, 'none')), {code: 'local_io'});
});

test('a signal that many files are opened with keeps nothing of them', async t => {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, 'abc');
  const {signal} = new AbortController();
  closeSync(await openLocal(file, signal));
  await assert.rejects(openLocal(`${file}.none`, signal), {code: 'local_io'});
  assert.deepEqual(getEventListeners(signal, 'abort'), []);
  await assert.rejects(openLocal(file, AbortSignal.abort()), {code: 'aborted'});
});

test('on a hanging disk, opening can be stopped, and a file that opens later is closed again', {
  skip: process.platform !== 'linux',
}, async t => {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, 'abc');
  const {client, serve} = await startHarness(t);
  serve('a', 'abc');
  await client.hello();
  const goOn = hangDisk(t);
  const stop = new AbortController();
  const opened = openLocal(file, stop.signal);
  const verified = verifyFile(client, path('a'), file, {signal: stop.signal});
  let ended = 0;
  for (const work of [opened, verified]) {
    work.catch(() => ended++);
  }

  // Other work continues meanwhile.
  await turn();
  await client.hello();
  assert.equal(ended, 0);
  stop.abort();
  await assert.rejects(opened, {code: 'aborted'});
  await assert.rejects(verified, {code: 'aborted'});
  await goOn();
  await until(() => openOn(file) === 0);
  const fd = await openLocal(file);
  assert.equal(openOn(file), 1);
  closeSync(fd);
});

test('a file is opened as soon as the process has a descriptor again', async t => {
  const file = join(temporaryFolder(t), 'file');
  writeFileSync(file, 'x');
  const script = `
    import {closeSync, openSync} from 'node:fs';
    import {openLocal} from ${JSON.stringify(import.meta.resolve('../../../../source/transfers/disk/open-local.ts'))};
    const taken = [];
    try {
      for (;;) {
        taken.push(openSync('/dev/null', 'r'));
      }
    } catch {}

    const opened = openLocal(${JSON.stringify(file)});
    setTimeout(() => closeSync(taken[0]), 300);
    console.log((await opened) === taken[0]);`;
  const words = [process.execPath, ...withTypeScript, '--input-type=module', '-e', script];
  const limited = ['-c', 'ulimit -n 128; exec "$@"', 'sh', ...words];
  assert.equal(execFileSync('sh', limited, {encoding: 'utf8'}), 'true\n');
});
