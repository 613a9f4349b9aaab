import assert from 'node:assert/strict';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {stateAt, stateBytes} from '../../../../../server/store/folder/find/find-messages.ts';
import {MaskWatch} from '../../../../../server/store/folder/find/mask-watch.ts';
import {startEffort} from '../../../../fixtures/server/effort.ts';
import {ServedFolder} from '../../../../fixtures/server/server-folder.ts';
import {json, kinds} from '../../../../fixtures/server/server-raw-peer.ts';

/** Keep this processor busy, as the matching of masks does. */
function work(ms: number): void {
  const effortMs = startEffort();
  while (effortMs() < ms);
}

const limitMs = 200;

/** Match names for a second, each for `msPerName`. @returns whether the watch did not give up. */
async function matchNames(state: Int32Array, msPerName: number, names = 1): Promise<boolean> {
  let hope = true;
  using _watch = new MaskWatch(state, limitMs, () => {
    hope = false;
  });
  const effortMs = startEffort();
  while (effortMs() < 1000 && hope) {
    work(msPerName);
    Atomics.add(state, stateAt.names, names);
    await turn();
  }

  return hope;
}

function searching(): Int32Array {
  const state = new Int32Array(new SharedArrayBuffer(stateBytes));
  state[stateAt.credit] = 1;
  return state;
}

test('masks that are slow for every name are given up, although each name makes progress', async () => {
  // The watch looks every 25 ms, and each time it sees that more names were matched.
  assert.equal(await matchNames(searching(), 8), false);
});

test('masks that match hundreds of names in the same time are not given up', async () => {
  assert.equal(await matchNames(searching(), 8, 100), true);
});

test('the time of reading the disk and of waiting for the client does not count as matching', async () => {
  const reading = searching();
  reading[stateAt.reading] = 1;
  assert.equal(await matchNames(reading, 8), true);
  const waiting = searching();
  waiting[stateAt.credit] = 0;
  waiting[stateAt.waiting] = 1;
  assert.equal(await matchNames(waiting, 8), true);
});

test('matching without credit, for a frame that will then wait, counts as matching', async () => {
  const state = searching();
  state[stateAt.credit] = 0;
  assert.equal(await matchNames(state, 8), false);
});

test('a search whose masks are slow for every name ends as a bad mask', async () => {
  // Each name takes some milliseconds: no name is slow, but all together are.
  const names = Array.from({length: 400}, (_, index) => `${'a'.repeat(100)}${index}`);
  const content = Object.fromEntries(names.map(name => [name, '']));
  await using folder = await ServedFolder.start(content, {deadlines: {maskMs: 400}});
  const peer = await folder.peer();
  peer.request(kinds.find, {path: '', masks: ['*a*a*a*b']});
  const frames = await peer.answer();
  assert.equal(json(frames.at(-1) ?? assert.fail()).code, 'bad_mask');
});
