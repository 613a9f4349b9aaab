import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {closeSync, openSync} from 'node:fs';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {Writer} from '../../../../../source/transfers/disk/writer/writer.ts';

/** Whether the limit of open files of a running process can be changed. */
function canLimit(): boolean {
  try {
    execFileSync('prlimit', ['--pid', `${process.pid}`, '--nofile'], {stdio: 'ignore'});
    return true;
  } catch {
    return false;
  }
}

const skip = canLimit() ? false : 'there is no prlimit';

/** Use up all descriptors of this process until the test ends. @returns a function that frees them earlier. */
function useUpDescriptors(t: TestContext): () => void {
  const limit = execFileSync('prlimit', ['--pid', `${process.pid}`, '--nofile', '--noheadings'], {
    encoding: 'utf8',
  });
  const [soft = ''] = /\d+(?=\s)/.exec(limit.replace(/^\D*/, '')) ?? [];
  execFileSync('prlimit', ['--pid', `${process.pid}`, '--nofile=128:']);
  const opened: number[] = [];
  try {
    for (;;) {
      opened.push(openSync('/dev/null', 'r'));
    }
  } catch {
    // No descriptor is left.
  }

  const giveBack = () => {
    for (const descriptor of opened.splice(0)) {
      closeSync(descriptor);
    }
  };
  t.after(() => {
    giveBack();
    execFileSync('prlimit', ['--pid', `${process.pid}`, `--nofile=${soft}:`]);
  });
  return giveBack;
}

test('without a descriptor the writer does not start, and the process continues', {
  skip,
}, async t => {
  const faults: unknown[] = [];
  const onFault = (error: unknown) => faults.push(error);
  process.on('uncaughtException', onFault);
  t.after(() => process.off('uncaughtException', onFault));
  const writer = new Writer(1);
  t.after(() => writer.end());
  const giveBack = useUpDescriptors(t);
  writer.expect(1);
  // A failed start is reported a moment later.
  await turn();
  await turn();
  giveBack();
  assert.equal(writer.take(), undefined);
  assert.deepEqual(faults, []);
});
