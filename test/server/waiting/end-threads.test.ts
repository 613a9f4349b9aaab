import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, constants, openSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';
import {test} from 'node:test';
import {Worker} from 'node:worker_threads';
import {endThreads, hangingThreads} from '../../../server/waiting/end-threads.ts';
import {temporaryFolder, until} from '../../fixtures/harness.ts';

const skip = process.platform !== 'linux' && 'Linux alone tells whether a thread is in a call';

test('threads are ended, without waiting for a thread in a call that hangs', {skip}, async t => {
  const fifo = join(temporaryFolder(t), 'fifo');
  execFileSync('mkfifo', [fifo]);
  const busy = new Worker('for (;;);', {eval: true});
  const hung = new Worker(
    `const {parentPort, workerData} = require('node:worker_threads');
    const {openSync, readlinkSync} = require('node:fs');
    parentPort.postMessage(readlinkSync('/proc/thread-self'));
    openSync(workerData, 'r');`,
    {eval: true, workerData: fifo},
  );
  const [, [thread]] = await Promise.all([once(busy, 'online'), once(hung, 'message')]);
  await until(() => / S /.test(readFileSync(`/proc/${thread}/stat`, 'latin1')));
  let ended = false;
  busy.once('exit', () => {
    ended = true;
  });
  await endThreads([busy, hung]);
  assert.deepEqual([ended, hangingThreads()], [true, 1]);
  // This lets its call return.
  closeSync(openSync(fifo, constants.O_RDWR));
  await until(() => hangingThreads() === 0);
});
