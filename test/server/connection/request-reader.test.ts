import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {preface} from '../../../protocol/frame.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {ClientSocket} from '../../../server/connection/client-socket.ts';
import type {ConnectionTimers} from '../../../server/connection/connection-timers.ts';
import {RequestReader} from '../../../server/connection/request-reader.ts';
import type {VersionedEntry} from '../../../server/store/store.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {ServedFolder} from '../../fixtures/server/server-folder.ts';
import {kinds, rawFrame} from '../../fixtures/server/server-raw-peer.ts';

/** A store that answers no `stat` before the test allows it. */
class HeldStore extends MemoryStore {
  readonly held = Promise.withResolvers<void>();

  override async stat(path: RemotePath): Promise<VersionedEntry> {
    await this.held.promise;
    return super.stat(path);
  }
}

test('the deadline of a frame that began before the server stopped reading holds when it reads again', async t => {
  const root = new HeldStore();
  await using folder = await ServedFolder.start({}, {root, deadlines: {frameMs: 300}});
  using timers = t.mock.timers;
  timers.enable({apis: ['setTimeout']});
  const peer = await folder.peer();
  const asked = Array.from({length: 140}, () => rawFrame(kinds.stat, '{"path":""}'));
  peer.send(Buffer.concat([...asked, rawFrame(kinds.ping).subarray(0, 5)]));
  // When this ping is answered, the server has read the requests.
  const other = await folder.peer();
  assert.equal((await other.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  timers.tick(300);
  root.held.resolve();
  for (const _ of asked) {
    assert.equal((await peer.frame())?.kind, kinds.entry);
  }

  timers.tick(300);
  assert.equal(await peer.errorCode(), 'timed_out');
});

/** A reader whose socket only says whether it is paused, and whose deadline only says whether it is set. */
function reader() {
  let isPaused = false;
  const socket = {
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
    },
    isPaused: () => isPaused,
  };
  let waits = false;
  const timers = {
    get waits() {
      return waits;
    },
    setDeadline() {
      waits = true;
    },
    clearDeadline() {
      waits = false;
    },
  };
  const reader = new RequestReader({
    // They have what the reader uses.
    socket: socket as unknown as ClientSocket,
    timers: timers as unknown as ConnectionTimers,
    onPreface() {},
    onReadinessQuestion() {},
    onRequests() {},
  });
  reader.receive(Buffer.from(preface));
  return {reader, socket, timers};
}

const largest = rawFrame(kinds.ping, `{}${' '.repeat(262_142)}`);

test('requests that wait have a limit of bytes, too, and the server reads again when half of it is free', () => {
  const {reader: requests, socket, timers} = reader();
  const sent = Buffer.concat(Array.from({length: 40}, () => largest));
  const piece = 65_536;
  let at = 0;
  let answered = 0;
  let pauses = 0;
  while (answered < 40) {
    for (; !socket.isPaused() && at < sent.length; at += piece) {
      requests.receive(sent.subarray(at, at + piece));
    }

    assert.equal(timers.waits, false);
    const isFull = socket.isPaused();
    const before = answered;
    for (; socket.isPaused() || (at >= sent.length && requests.pending); answered++) {
      const {payload} = requests.next() ?? assert.fail('it does not read, and nothing waits');
      assert.equal(payload.length, 262_144);
      requests.resume();
    }

    // Five of the largest requests are more than a megabyte, and two are half of it.
    assert.ok(!isFull || answered - before === 3);
    pauses += isFull ? 1 : 0;
  }

  assert.equal(requests.pending, false);
  assert.ok(pauses > 10);
});

test('small requests are limited by their number alone, also after large ones were dropped', () => {
  const {reader: requests, socket} = reader();
  for (let count = 0; count < 5; count++) {
    requests.receive(largest);
  }

  assert.equal(socket.isPaused(), true);
  requests.clear();
  requests.resume();
  assert.equal(socket.isPaused(), false);
  for (let count = 1; count <= 128; count++) {
    assert.equal(socket.isPaused(), false);
    requests.receive(rawFrame(kinds.ping));
  }

  assert.equal(socket.isPaused(), true);
  for (let left = 127; left >= 64; left--) {
    assert.equal(socket.isPaused(), true);
    requests.next();
    requests.resume();
  }

  assert.equal(socket.isPaused(), false);
});
