import assert from 'node:assert/strict';
import {Buffer} from 'node:buffer';
import {test} from 'node:test';
import {setImmediate as turn} from 'node:timers/promises';
import {aborted} from '../../../protocol/errors.ts';
import type {RemotePath} from '../../../protocol/remote-path.ts';
import type {StoredFile} from '../../../server/store/store.ts';
import {MemoryStore} from '../../fixtures/server/memory-store.ts';
import {ServedFolder} from '../../fixtures/server/server-folder.ts';
import {kinds} from '../../fixtures/server/server-raw-peer.ts';

/** A store whose hashes end only when the test allows it, although nobody waits for them any more. */
class DeafStore extends MemoryStore {
  readonly hears = Promise.withResolvers<void>();
  readonly events: string[] = [];

  override async open(path: RemotePath): Promise<StoredFile> {
    const hash: StoredFile['hash'] = async (_question, {signal}) => {
      signal.addEventListener('abort', () => this.events.push('aborted'), {once: true});
      await this.hears.promise;
      this.events.push('stopped');
      throw aborted();
    };
    return Object.assign(await super.open(path), {hash, close: () => this.events.push('closed')});
  }
}

test('a file stays open until its last read has ended, even if its client has left', async t => {
  const root = new DeafStore();
  root.write('a', Buffer.from('a'));
  await using folder = await ServedFolder.start({}, {root});
  using timers = t.mock.timers;
  timers.enable({apis: ['setTimeout']});
  const peer = await folder.peer();
  peer.request(kinds.hash, {path: 'a'});
  const other = await folder.peer();
  // When this ping is answered, the hash has begun.
  assert.equal((await other.ask(kinds.ping, {})).at(-1)?.kind, kinds.pong);
  timers.tick(1000);
  assert.equal((await peer.frame())?.kind, kinds.progress);
  peer.socket.destroy();
  while (root.events.length === 0) {
    await turn();
  }

  // There is no client for the next sign of life.
  timers.tick(1000);
  await turn();
  await turn();
  assert.deepEqual(root.events, ['aborted']);
  root.hears.resolve();
  while (root.events.length < 3) {
    await turn();
  }

  assert.deepEqual(root.events, ['aborted', 'stopped', 'closed']);
});
