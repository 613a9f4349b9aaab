import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, mkdtempSync, openSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {type TestContext, test} from 'node:test';
import {isOutOfFiles} from '../../../../../protocol/errors.ts';
import {MaskJudge} from '../../../../../protocol/masks/mask-judge.ts';
import {prepareMasks} from '../../../../../protocol/masks/masks.ts';
import {openFileLimit} from '../../../../../protocol/program/open-file-limit.ts';
import {rootPath} from '../../../../../protocol/remote-path.ts';
import {stateBytes} from '../../../../../server/store/folder/find/find-messages.ts';
import {FoundEntries} from '../../../../../server/store/folder/find/found-entries.ts';
import {topFolder} from '../../../../../server/store/folder/find/glob-path.ts';
import {LinkLoops} from '../../../../../server/store/folder/find/link-loops.ts';
import {SafeWalk} from '../../../../../server/store/folder/find/safe-walk.ts';
import {UnsearchedPlaces} from '../../../../../server/store/folder/find/unsearched-places.ts';
import {openRoot} from '../../../../../server/store/folder/root/open-root.ts';
import {patientRoot} from '../../../../../server/store/folder/root/patient-root.ts';

/** The limit for a test that hangs. */
const timeout = 60_000;
const skip = hasPrlimit() ? false : 'the limit of a process that runs cannot be changed here';

const limit = openFileLimit();

function hasPrlimit(): boolean {
  try {
    execFileSync('prlimit', ['--version'], {stdio: 'ignore'});
    return true;
  } catch {
    return false;
  }
}

/** A search in a folder that contains the folder `sub` and the file `sub/a`. */
function searchOf(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'jangada-few-'));
  execFileSync('mkdir', [join(folder, 'sub')]);
  writeFileSync(join(folder, 'sub/a'), 'x');
  const root = patientRoot(openRoot(folder));
  t.after(() => {
    root.close();
    rmSync(folder, {recursive: true});
  });
  const loops = new LinkLoops(root, rootPath);
  const unsearched = new UnsearchedPlaces();
  const judge = new MaskJudge(prepareMasks(['**']));
  const state = new Int32Array(stateBytes / 4);
  const walk = new SafeWalk({root, base: rootPath, loops, state, judge, unsearched});
  return {walk, unsearched, entries: new FoundEntries(root, rootPath, loops, unsearched)};
}

/** @returns a function that leaves this process `count` descriptors. More are free again 0.2 s later. */
async function lowLimit(t: TestContext): Promise<(count: number) => void> {
  const set = (soft: number) => `prlimit --pid ${process.pid} --nofile=${soft}:${limit}`;
  const script = `read line; sleep 0.2; ${set(limit)}`;
  const helper = spawn('sh', ['-c', script], {stdio: ['pipe', 'ignore', 'ignore']});
  await once(helper, 'spawn');
  const ended = once(helper, 'exit');
  const taken: number[] = [];
  t.after(async () => {
    for (const descriptor of taken) {
      closeSync(descriptor);
    }

    helper.stdin.end();
    await ended;
  });
  execFileSync('sh', ['-c', set(64)]);
  return count => {
    helper.stdin.write('now\n');
    try {
      for (;;) {
        taken.push(openSync('/dev/null', 'r'));
      }
    } catch (error) {
      assert.ok(isOutOfFiles(error));
    }

    for (const descriptor of taken.splice(-count)) {
      closeSync(descriptor);
    }
  };
}

test('a folder can be read although at first there is only a descriptor for its pin', {
  timeout,
  skip,
}, async t => {
  const {walk, unsearched} = searchOf(t);
  const leaveDescriptors = await lowLimit(t);
  // In the turn of the event loop in which the folder is read, because other descriptors close before.
  setImmediate(() => leaveDescriptors(1));
  const names = await new Promise((resolve, reject) => {
    walk.adapter.readdir?.(`/${topFolder}/sub`, {withFileTypes: true}, (error, names) =>
      error === null ? resolve(names.map(({name}) => name)) : reject(error),
    );
  });
  assert.deepEqual(unsearched.found, {count: 0, first: []});
  assert.deepEqual(names, ['a']);
});

test('a folder can be found although at first there is no descriptor to look into it', {
  timeout,
  skip,
}, async t => {
  const {entries, unsearched} = searchOf(t);
  t.after(() => entries[Symbol.dispose]());
  const leaveDescriptors = await lowLimit(t);
  leaveDescriptors(2);
  assert.equal(entries.entry('sub')?.type, 'folder');
  assert.deepEqual(unsearched.found, {count: 0, first: []});
});
