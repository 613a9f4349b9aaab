import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import type {RemotePath} from '../../../protocol/remote-path.ts';
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
