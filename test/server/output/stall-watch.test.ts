import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {noCounts} from '../../../server/metrics/counts.ts';
import {defaultDeadlines} from '../../../server/waiting/deadlines.ts';
import {patternedBytes, ServedFolder, until} from '../../fixtures/server/server-folder.ts';
import {kinds, type RawPeer, rawFrame} from '../../fixtures/server/server-raw-peer.ts';

/** The limit for a test that hangs. */
const timeout = 60_000;
const mebibyte = 1_048_576;

/** A client that has requested a large file and has stopped reading. */
async function stoppedReader(folder: ServedFolder): Promise<RawPeer> {
  const peer = await folder.peer();
  peer.request(kinds.get, {path: 'old'});
  // Stop soon: for a fast reader the system takes megabytes in advance, and then small reads are not seen.
  await peer.pauseAfter(peer.received + 1);
  return peer;
}

/** Start a server of a large file. `buffersAreFull` resolves once the system takes no more bytes for a client. */
async function startLarge() {
  const counts = noCounts();
  const folder = await ServedFolder.start({old: patternedBytes(32 * mebibyte)}, {counts});
  const buffersAreFull = async () => {
    let sentBytes = -1;
    let sinceMs = 0;
    await until(() => {
      const isSame = sentBytes === counts.sentBytes;
      sentBytes = counts.sentBytes;
      sinceMs = isSame ? sinceMs : performance.now();
      return sentBytes > mebibyte && performance.now() - sinceMs > 500;
    }, 'the system takes no more');
  };
  return {folder, buffersAreFull};
}

/** Read a piece every 80 ms, about 800 kB a second, until `bytes` bytes have arrived. */
async function readSlowly(peer: RawPeer, bytes: number): Promise<void> {
  while (peer.received < bytes && !peer.closed) {
    peer.socket.resume();
    await peer.pauseAfter(peer.received + 1);
    await delay(80);
  }
}

function stalls(folder: ServedFolder): number {
  return folder.logs.filter(line => line.includes('the client read no bytes')).length;
}

/** Advance the fake time by looks of the stall watch. Between looks the system has real time to move bytes. */
function fakeLooks(t: TestContext) {
  const {timers} = t.mock;
  timers.enable({apis: ['setInterval']});
  return async (looks: number) => {
    for (let look = 0; look < looks; look++) {
      timers.tick(defaultDeadlines.stallMs / 12);
      await delay(30);
    }
  };
}

test('a reader that stops is closed 60 s after its last bytes, not after 120 s', {
  timeout,
}, async t => {
  const {folder, buffersAreFull} = await startLarge();
  await using _folder = folder;
  const look = fakeLooks(t);
  await stoppedReader(folder);
  await buffersAreFull();
  let looks = 0;
  while (stalls(folder) === 0 && looks < 24) {
    await look(1);
    looks++;
  }

  // The first look has nothing to compare with, and a busy system may move bytes for a while.
  assert.ok(looks >= 12 && looks < 20, `${looks * 5} s`);
  await until(() => folder.ended === 1, 'the connection has ended');
});

test('a reader that reads something every 50 s is not closed', {timeout}, async t => {
  await using folder = await ServedFolder.start({old: patternedBytes(32 * mebibyte)});
  const look = fakeLooks(t);
  const peer = await stoppedReader(folder);
  for (let round = 0; round < 6; round++) {
    await look(10);
    // Less than a block.
    await readSlowly(peer, peer.received + mebibyte / 2);
  }

  assert.equal(folder.ended, 0);
});

test('a reader that steadily reads less than a block in a stall deadline is not closed', {
  timeout,
}, async () => {
  const deadlines = {stallMs: 1000};
  await using folder = await ServedFolder.start({old: patternedBytes(32 * mebibyte)}, {deadlines});
  const peer = await stoppedReader(folder);
  await readSlowly(peer, 5 * mebibyte);
  assert.ok(peer.received >= 5 * mebibyte, `${peer.received} bytes`);
  assert.equal(folder.ended, 0);
  // When it stops, it is closed.
  await until(() => folder.ended === 1, 'the connection has ended');
  assert.equal(stalls(folder), 1);
});

test('a client that continues to send, but reads no answers, is closed as early as a silent one', {
  timeout,
}, async t => {
  const {folder, buffersAreFull} = await startLarge();
  await using _folder = folder;
  const look = fakeLooks(t);
  const peer = await stoppedReader(folder);
  await buffersAreFull();
  for (let round = 0; round < 18; round++) {
    peer.send(rawFrame(kinds.ping));
    await look(1);
  }

  assert.equal(stalls(folder), 1);
});

test('if a server that stops waits for a client that reads nothing, the stall deadline closes the connection', {
  timeout,
}, async t => {
  const {folder, buffersAreFull} = await startLarge();
  await using _folder = folder;
  const look = fakeLooks(t);
  await stoppedReader(folder);
  await buffersAreFull();
  const closed = folder.server.close({graceMs: 3_600_000});
  await look(18);
  await closed;
  assert.equal(stalls(folder), 1);
});
