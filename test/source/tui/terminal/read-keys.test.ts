import assert from 'node:assert/strict';
import {once} from 'node:events';
import {connect, createServer, type Socket} from 'node:net';
import {type TestContext, test} from 'node:test';
import {readKeys} from '../../../../source/tui/terminal/read-keys.ts';
import {until} from '../../../fixtures/harness.ts';
import {holdUp} from '../../../fixtures/server/effort.ts';

type Typing = {typing: Socket; keys: string[]; clickedMs: number[]};

/**
 * Keys that are read from one end of a connection. The test types at the other end.
 *
 * @param onKey is called for each key, and each click, in the turn in which it is read.
 */
async function startKeys(
  t: TestContext,
  onKey: (name: string) => void = () => undefined,
): Promise<Typing> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  const typing = connect(typeof address === 'object' && address !== null ? address.port : 0);
  const [read]: Socket[] = await once(listener, 'connection');
  assert.ok(read !== undefined);
  const keys: string[] = [];
  const clickedMs: number[] = [];
  // `readKeys` only uses that a terminal gives bytes.
  const stop = readKeys(read as unknown as NodeJS.ReadStream, {
    onKey({name}) {
      keys.push(name);
      onKey(name);
    },
    onPaste: () => undefined,
    onMouse({action}, atMs) {
      clickedMs.push(atMs);
      onKey(action);
    },
  });
  t.after(() => {
    stop();
    typing.destroy();
    read.destroy();
    listener.close();
  });
  return {typing, keys, clickedMs};
}

test('an Escape after which nothing follows is a key, and later bytes are keys of their own', async t => {
  const {typing, keys} = await startKeys(t);
  typing.write('\u001b');
  await until(() => keys.length === 1);
  typing.write('[B');
  await until(() => keys.length === 3);
  assert.deepEqual(keys, ['escape', '[', 'B']);
});

test('if the rest of a sequence has arrived while the process was blocked, the sequence is one key', async t => {
  // The key before the sequence says when this piece is read. In that turn timers have already run; in the next turn they
  // run before reading.
  const {typing, keys} = await startKeys(t, name => {
    if (name === 'a') {
      setImmediate(() => {
        typing.write('[B');
        holdUp(200);
      });
    }
  });
  typing.write('a\u001b');
  await until(() => keys.length > 1);
  assert.deepEqual(keys, ['a', 'down']);
});

test('promises of a key continue before the next key of the same read', async t => {
  const told: string[] = [];
  const {typing, keys} = await startKeys(t, name => {
    told.push(name);
    void Promise.resolve().then(() => told.push(`after ${name}`));
  });
  typing.write('abc');
  await until(() => keys.length === 3);
  assert.deepEqual(told.slice(0, 4), ['a', 'after a', 'b', 'after b']);
});

test('clicks of one read have the same time, however long the work for each of them takes', async t => {
  const {typing, clickedMs} = await startKeys(t, () => holdUp(20));
  typing.write('\u001b[<0;3;4M'.repeat(2));
  await until(() => clickedMs.length === 2);
  assert.equal(clickedMs[0], clickedMs[1]);
});
